import type { Access } from '../core/access.ts';
import type { Control } from '../core/control.ts';
import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import type { Overrides } from '../core/overrides.ts';
import type { Reload } from '../core/reload.ts';
import type { Run } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { ReportFormat } from '../document/render/formats.ts';
import type { RunChange } from '../history/change.ts';
import type { WindowQuery } from '../history/kept-window.ts';
import type { KeptRun, KeptRunDetail, RunQuery, WindowPage } from '../history/reader.ts';
import type { FailureQuery } from '../sink/failure-store.ts';
import type { Scraped } from './scrapes.ts';
import type { Status } from './status.ts';

/** Kept runs. All calls throw SoakError HISTORY_UNUSABLE if they cannot be read. */
export interface RunHistory {
  /** Returns runs, the newest first. @throws SoakError RUN_UNKNOWN if there is no run `before` */
  list(query: RunQuery): Promise<KeptRun[]>;
  /** Returns the id of a run. @param ref an id, the start of one, `last` or `last-pass`. @throws SoakError RUN_UNKNOWN */
  resolve(ref: string): Promise<string>;
  /** @throws SoakError RUN_UNKNOWN */
  show(ref: string): Promise<KeptRunDetail>;
  /** @throws SoakError RUN_UNKNOWN */
  windows(ref: string, query: WindowQuery): Promise<WindowPage>;
  /** @throws SoakError RUN_UNKNOWN, RUN_ACTIVE */
  change(change: RunChange): Promise<KeptRun>;
}

/** Dependencies of the routes. */
export interface AppService {
  status(): Status;
  /** Returns false once the service is shutting down. */
  ready(): boolean;
  scrape(): Promise<Scraped>;
  /**
   * @param by caller: the name of a token, or `local`
   * @throws SoakError USAGE, LIMIT_EXCEEDED for overrides that do not fit; the errors of a start
   */
  startRun(scenario: string, by: string, overrides: Overrides): Promise<Run>;
  /** Changes the current run. @throws SoakError NO_RUN, NOT_RUNNING, LIMIT_EXCEEDED, USAGE */
  control(control: Control, by: string): Run;
  /** Reloads the configuration; on an error nothing changes. @throws SoakError CONFIG_INVALID, CONFIG_UNREADABLE, SECRET_MISSING */
  reload(by: string): Promise<Reload>;
  /** Returns the tokens and roles in effect; a reload can change them. */
  access(): Access;
  openStreams(query: OpenStreamQuery): Promise<OpenStream[]>;
  failures(query: FailureQuery): StreamResult[];
  /** Returns the kept runs; `undefined`: none are kept. */
  history(): RunHistory | undefined;
  /**
   * Returns the report of a finished run as UTF-8, written off the event loop.
   * @param id whole id of a run
   * @throws SoakError RUN_UNKNOWN, RUN_ACTIVE, HISTORY_UNUSABLE
   */
  report(id: string, format: ReportFormat): Promise<Uint8Array<ArrayBuffer>>;
  /** Version and revision of soakd. */
  readonly version: string;
  readonly log: {
    info(facts: object, text: string): void;
    warn(facts: object, text: string): void;
    error(facts: object, text: string): void;
  };
}
