import type { Distribution } from './distribution.ts';
import type { Format } from './scenario.ts';

/** Ways in which the simulator can go wrong on purpose, each a share of its streams. */
export const FAULTS = ['http503', 'inbandError', 'truncate', 'reset', 'stall'] as const;
export type Fault = (typeof FAULTS)[number];

/** What the simulator answers with. Complete: presets and defaults are filled in by whoever makes one. */
export interface SimulatorOptions {
  /** Same seed, same order of requests: same answers. */
  readonly seed: number;
  /** The format of an answer where the path does not name another. */
  readonly format: Format;
  /** From the complete request to the first byte of the body. Headers are flushed at once. */
  readonly ttfbMs: Distribution;
  /** From a chunk to the next. */
  readonly gapMs: Distribution;
  /** Chunks with content in an answer; rounded, at least 1. */
  readonly chunks: Distribution;
  /** Unicode characters of content in a chunk; rounded, at least 1. */
  readonly characters: Distribution;
  /** Shares from 0 to 1, together at most 1. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
}
