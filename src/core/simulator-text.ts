import type { Distribution } from './distribution.ts';
import type { Behaviour, Episode, SimulatorOptions } from './simulator.ts';

/** The options under `simulator:` in a configuration, as plain data. */
export type WrittenOptions = Readonly<Record<string, unknown>>;

/** @returns the options in the language of the configuration: read again, they are the same */
export function writtenOptions(options: SimulatorOptions): WrittenOptions {
  const { capacity, retryAfterMs, timeline = [], behaviours = [] } = options;
  return {
    seed: options.seed,
    format: options.format,
    ttfb: written(options.ttfbMs, duration),
    gap: written(options.gapMs, duration),
    chunks: written(options.chunks, plain),
    characters: written(options.characters, plain),
    faults: { ...options.faults },
    every: { ...options.every },
    timeline: timeline.map(({ fromMs, toMs, faults }: Episode) => ({
      from: duration(fromMs),
      to: duration(toMs),
      ...faults,
    })),
    behaviours: behaviours.map(writtenBehaviour),
    ...(capacity === undefined
      ? {}
      : {
          capacity: {
            ...capacity,
            slowdown: capacity.slowdown === 'seed' ? 'seed' : duration(capacity.slowdown),
          },
        }),
    ...(retryAfterMs === undefined ? {} : { retryAfter: duration(retryAfterMs) }),
    roofline: options.roofline ?? false,
  };
}

type Write = (value: number) => string | number;

const plain: Write = (value) => value;

/** Exact, unlike what is written for a person. Durations below a millionth of a millisecond are none. */
const duration: Write = (ms) => `${ms < 1e-6 ? 0 : ms >= 1e21 ? BigInt(ms) : ms}ms`;

function written(distribution: Distribution, write: Write): unknown {
  switch (distribution.kind) {
    case 'fixed':
      return write(distribution.value);
    case 'uniform':
      return { uniform: [write(distribution.from), write(distribution.to)] };
    case 'normal':
    case 'lognormal':
      return {
        [distribution.kind]: { mean: write(distribution.mean), stddev: write(distribution.stddev) },
      };
    case 'exponential':
      return { exponential: { mean: write(distribution.mean) } };
    case 'empirical':
      return { empirical: distribution.values.map(write) };
  }
}

type Kind = Behaviour['kind'];

const BEHAVIOURS: { readonly [K in Kind]: (b: Extract<Behaviour, { kind: K }>) => object } = {
  leak: (b) => ({ leak: duration(b.perMinuteMs), on: b.on }),
  staircase: (b) => ({ staircase: { step: duration(b.stepMs), every: duration(b.everyMs) }, on: b.on }),
  ramp: (b) => ({ ramp: { from: b.from, to: b.to, over: duration(b.overMs) }, on: b.on }),
  sine: (b) => ({ sine: { min: b.min, max: b.max, period: duration(b.periodMs) }, on: b.on }),
  pause: (b) => ({ pause: { for: duration(b.forMs), every: duration(b.everyMs) } }),
  memory: (b) => ({ memory: { perMinute: b.perMinuteBytes, upTo: b.upToBytes } }),
};

function writtenBehaviour(behaviour: Behaviour): object {
  return (BEHAVIOURS[behaviour.kind] as (b: Behaviour) => object)(behaviour);
}
