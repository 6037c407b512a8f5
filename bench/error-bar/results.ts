import type { MeasurementError } from '../../src/core/measurement-error.ts';
import type { Transport } from '../../src/core/target.ts';

/** What a thread is to hold. */
export interface LevelAsked {
  readonly port: number;
  readonly canaryPort: number;
  readonly transport: Transport;
  readonly streams: number;
  /** 3000 dials a second, as in a run, in place of all in one go. */
  readonly gated: boolean;
  /** Of 5 s each. */
  readonly windows: number;
}

export interface WindowResult {
  /** p50 and p99 of how late chunks were seen, by the times in them, ms. */
  readonly truth: readonly [number, number];
  readonly chunks: number;
  readonly bar: MeasurementError | null;
}

export interface LevelResult {
  /** Those that had a first byte. */
  readonly streams: number;
  /** p50 and p99 of TTFB less what the target took, ms. */
  readonly ttfb: readonly [number, number];
  readonly connect: readonly [number, number];
  readonly windows: readonly WindowResult[];
  readonly cpuSeconds: number;
}
