import type { OpenStream, OpenStreamQuery } from '../core/open-stream.ts';
import type { Run } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { FailureQuery } from '../sink/failure-store.ts';
import type { Status } from './status.ts';

/** What the routes stand on. */
export interface AppService {
  status(): Status;
  /** False once the service is shutting down. */
  ready(): boolean;
  scrape(): Promise<{ readonly text: string; readonly contentType: string }>;
  startRun(scenario: string): Promise<Run>;
  stopRun(): Run;
  openStreams(query: OpenStreamQuery): Promise<OpenStream[]>;
  failures(query: FailureQuery): StreamResult[];
  readonly log: { error(facts: object, text: string): void };
}
