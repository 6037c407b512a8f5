import type { Access } from '../core/access.ts';
import type { Control } from '../core/control.ts';
import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import type { Overrides } from '../core/overrides.ts';
import type { Reload } from '../core/reload.ts';
import type { Run } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { FailureQuery } from '../sink/failure-store.ts';
import type { Scraped } from './scrapes.ts';
import type { Status } from './status.ts';

/** What the routes stand on. */
export interface AppService {
  status(): Status;
  /** False once the service is shutting down. */
  ready(): boolean;
  scrape(): Promise<Scraped>;
  /**
   * @param by who asks: the name of a token, or `local`
   * @throws SoakError USAGE, LIMIT_EXCEEDED of overrides that do not fit; what a start throws
   */
  startRun(scenario: string, by: string, overrides: Overrides): Promise<Run>;
  /** Changes the run that is active. @throws SoakError NO_RUN, NOT_RUNNING, LIMIT_EXCEEDED, USAGE */
  control(control: Control, by: string): Run;
  /** Reads the configuration again. @throws SoakError CONFIG_INVALID, CONFIG_UNREADABLE, SECRET_MISSING: nothing has changed then */
  reload(by: string): Promise<Reload>;
  /** Who may: changes with a reload. */
  access(): Access;
  openStreams(query: OpenStreamQuery): Promise<OpenStream[]>;
  failures(query: FailureQuery): StreamResult[];
  readonly log: { error(facts: object, text: string): void };
}
