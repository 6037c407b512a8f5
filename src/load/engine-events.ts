import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { Freeze } from './freeze.ts';

/**
 * What follows the death of a thread. Replaced: another takes up its share. Not needed: nothing was to be started any
 * more. Given up: it has died too often; its share is missing from now on.
 */
export type AfterDeath = 'replaced' | 'not-needed' | 'given-up';

/** What main wants to know while streams run. */
export interface EngineEvents {
  failures(results: readonly StreamResult[], omitted: readonly OmittedFailures[]): void;
  /** A name points outside the allowlist now. */
  refused(detail: string): void;
  /** A thread died; its open streams are counted as `generator_lost`. */
  lost(error: Error, then: AfterDeath): void;
  /** A thread was frozen. @param thread its index @param freeze monotonic ms (`process.hrtime`) */
  frozen(thread: number, freeze: Freeze): void;
}
