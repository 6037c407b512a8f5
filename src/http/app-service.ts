import type { Access } from '../core/access.ts';
import type { Control } from '../core/control.ts';
import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import type { Overrides } from '../core/overrides.ts';
import type { Reload } from '../core/reload.ts';
import type { Run } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { ReportFormat } from '../document/render/formats.ts';
import type { FailureQuery } from '../sink/failure-store.ts';
import type { EventFeed } from './events/feed.ts';
import type { ConfigurationCheck, LiveConfiguration } from './live-configuration.ts';
import type { LiveThresholds } from './live-thresholds.ts';
import type { RunHistory } from './run-history.ts';
import type { Scraped } from './scrapes.ts';
import type { Status } from './status.ts';

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
  thresholds(): LiveThresholds;
  configuration(): LiveConfiguration;
  /** Checks the text of a configuration; reads nothing that it names. @throws SoakError USAGE if that takes too much */
  checkConfiguration(text: string): Promise<ConfigurationCheck>;
  /** State, windows and events of runs, for viewers. */
  readonly events: Pick<EventFeed, 'viewers' | 'open' | 'leave'>;
  /** Returns the kept runs; `undefined`: none are kept. */
  history(): RunHistory | undefined;
  /**
   * Returns the report of a finished run, or its comparison with a baseline as JSON; UTF-8, written off the event loop.
   * Runs are whole ids.
   * @throws SoakError RUN_UNKNOWN, RUN_ACTIVE, HISTORY_UNUSABLE
   */
  report(
    task:
      | { readonly run: string; readonly format: ReportFormat }
      | { readonly run: string; readonly baseline: string },
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Version and revision of soakd. */
  readonly version: string;
  readonly log: {
    info(facts: object, text: string): void;
    warn(facts: object, text: string): void;
    error(facts: object, text: string): void;
  };
}
