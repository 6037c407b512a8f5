import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../support/root.ts';

/** examples/targets/workload.json; workload.md beside it says what each value means. */
interface Workload {
  readonly ttfbMs: number;
  readonly gapMs: readonly [from: number, to: number];
  readonly chunksMean: number;
  /** Standard deviation of the logarithm of the number of chunks. */
  readonly chunksSigma: number;
  readonly words: readonly string[];
}

export const WORKLOAD: Workload = JSON.parse(
  readFileSync(join(ROOT, 'examples/targets/workload.json'), 'utf8'),
);
export const WORDS: readonly string[] = WORKLOAD.words.flatMap((line) => line.split(' '));
