import { randomExponential, randomLogNormal, randomNormal } from 'd3-random';
import type { Random } from './random.ts';

/** How a quantity varies from one draw to the next. Negative draws are cut to `min` (0 where none is given). */
export type Distribution =
  | { readonly kind: 'fixed'; readonly value: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly stddev: number; readonly min?: number }
  | { readonly kind: 'lognormal'; readonly mean: number; readonly stddev: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  | { readonly kind: 'empirical'; readonly values: readonly number[] };

/** @returns a function that draws from the distribution; the same `random` gives the same draws */
export function sampler(distribution: Distribution, random: Random): () => number {
  switch (distribution.kind) {
    case 'fixed':
      return () => distribution.value;
    case 'uniform': {
      const { from, to } = distribution;
      return () => from + (to - from) * random();
    }
    case 'normal': {
      const draw = randomNormal.source(random)(distribution.mean, distribution.stddev);
      const min = distribution.min ?? 0;
      return () => Math.max(min, draw());
    }
    case 'lognormal': {
      // Mean m and deviation s of the values give those of their logarithm (moments of the distribution):
      // sigma² = ln(1 + s²/m²), mu = ln m − sigma²/2.
      const { mean, stddev } = distribution;
      const sigma2 = Math.log(1 + (stddev * stddev) / (mean * mean));
      return randomLogNormal.source(random)(Math.log(mean) - sigma2 / 2, Math.sqrt(sigma2));
    }
    case 'exponential':
      return randomExponential.source(random)(1 / distribution.mean);
    case 'empirical': {
      const { values } = distribution;
      return () => values[Math.floor(random() * values.length)]!;
    }
  }
}

/** The mean that draws tend to (for `normal`, before the cut at `min`). */
export function meanOf(distribution: Distribution): number {
  switch (distribution.kind) {
    case 'fixed':
      return distribution.value;
    case 'uniform':
      return (distribution.from + distribution.to) / 2;
    case 'empirical':
      return distribution.values.reduce((a, b) => a + b, 0) / distribution.values.length;
    default:
      return distribution.mean;
  }
}
