import type { Objective } from '../core/target.ts';
import type { StreamCounters } from '../formats/classifier.ts';

/** What is known of a stream at its end. Times in ms, from the written request. */
export interface EndedStream {
  readonly counters: StreamCounters;
  /** Times of the first and the last chunk with content; absent without content. */
  readonly firstContentMs: number | undefined;
  readonly lastContentMs: number | undefined;
  /** Reads that contained content. */
  readonly contentReads: number;
  /** The longest time between two chunks with content; 0 where there are not two. */
  readonly maxGapMs: number;
  /** From its start to its end. */
  readonly durationMs: number;
  /** Of its target; absent: none. */
  readonly objective: Objective | undefined;
}
