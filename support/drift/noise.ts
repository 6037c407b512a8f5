import { randomNormal } from 'd3-random';
import { type Random, seededRandom } from '../../src/core/random.ts';

/** Made noise of about one unit around 0, without any climb; n windows. */
export type Noise = (n: number, random: Random) => Float64Array;

const normal = (random: Random): (() => number) => randomNormal.source(random)(0, 1);

/** Autoregressive noise of order one: each value remembers `phi` of the one before. Variance 1 where that of `draw` is. */
export function remembering(n: number, phi: number, draw: () => number): Float64Array {
  const out = new Float64Array(n);
  const share = Math.sqrt(1 - phi * phi);
  let x = 0;
  for (let i = -100; i < n; i++) {
    x = phi * x + share * draw();
    if (i >= 0) out[i] = x;
  }
  return out;
}

export const ar =
  (phi: number): Noise =>
  (n, random) =>
    remembering(n, phi, normal(random));

/** Noise families of healthy signals. */
export const NOISES = {
  white: ar(0),
  'AR 0.2': ar(0.2),
  'AR 0.4': ar(0.4),
  'AR 0.6': ar(0.6),
  'AR 0.8': ar(0.8),
  "Student's t, 3": (n, random) => {
    const draw = normal(random);
    return remembering(n, 0.3, () => draw() / Math.hypot(draw(), draw(), draw()));
  },
  Cauchy: (n, random) => remembering(n, 0.3, () => Math.tan(Math.PI * (random() - 0.5)) / 3),
  lognormal: (n, random) => {
    const draw = normal(random);
    return remembering(n, 0.5, () => (Math.exp(draw()) - 1.65) / 2.16);
  },
  /** Five times as wide at the end as at the start. */
  widening: (n, random) => ar(0.5)(n, random).map((v, i) => v * (0.4 + (1.6 * i) / n)),
  /** Quiet and wild times, about half an hour each. */
  'in gusts': (n, random) => {
    const size = ar(0.97)(n, random);
    return ar(0.4)(n, random).map((v, i) => v * Math.exp(size[i]!));
  },
  'moving mean of 5': (n, random) => {
    const e = ar(0)(n + 4, random);
    return new Float64Array(n).map((_, i) => (e[i]! + e[i + 1]! + e[i + 2]! + e[i + 3]! + e[i + 4]!) / 2.24);
  },
  /** Periods of 5 to 40 windows, up to 3.5 times as high as the noise. */
  sine: (n, random) => {
    const period = 5 * 8 ** random();
    const [phase, height] = [random() * 2 * Math.PI, 0.5 + 3 * random()];
    return ar(0.5)(n, random).map((v, i) => v + height * Math.sin((2 * Math.PI * i) / period + phase));
  },
  pauses: (n, random) => {
    const every = 3 + Math.floor(random() * 30);
    const height = 2 + 8 * random();
    return ar(0.3)(n, random).map((v, i) => v + (i % every === 0 ? height : 0));
  },
  bursts: (n, random) => {
    let left = 0;
    return ar(0.3)(n, random).map((v) => {
      if (left <= 0 && random() < 0.01) left = 3 + random() * 15;
      return v + (left-- > 0 ? 5 : 0);
    });
  },
  /** As the memory of a collector does: climbs by 4 for 8 to 30 windows, and falls. */
  sawtooth: (n, random) => {
    const every = 8 + Math.floor(random() * 23);
    return ar(0.5)(n, random).map((v, i) => v + (4 * ((i + random()) % every)) / every);
  },
  /** Two levels, half an hour on one of them. */
  'on and off': (n, random) => {
    let on = 0;
    return ar(0.2)(n, random).map((v) => {
      if (random() < 1 / 30) on = 3 - on;
      return v + on;
    });
  },
  /** Comes up from below, within 5 to 15 windows by two thirds. */
  settling: (n, random) => {
    const [size, tau] = [10 * random(), 5 + 10 * random()];
    return ar(0.3)(n, random).map((v, i) => v - size * Math.exp(-i / tau));
  },
} as const satisfies Record<string, Noise>;

export type NoiseName = keyof typeof NOISES;
export const NOISE_NAMES = Object.keys(NOISES) as NoiseName[];

/** Failures of `count` streams in each window, at a ratio that varies around `ratio`. */
export function failures(n: number, random: Random, ratio: number, count: number): Float64Array {
  const size = ar(0.5)(n, random);
  return size.map((v) => {
    let failed = 0;
    const share = ratio * Math.exp(v / 2 - 0.125);
    for (let i = 0; i < count; i++) if (random() < share) failed++;
    return failed / count;
  });
}

/** @returns independent sequences of one seed, by number */
export function randoms(seed: number): (stream: number) => Random {
  return (stream) => seededRandom(seed, stream);
}
