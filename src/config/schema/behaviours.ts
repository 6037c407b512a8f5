import { type Behaviour, PACES, type Pace } from '../../core/simulator.ts';
import { complain, list, mapping } from './combinators.ts';
import { duration, number, oneOf, size } from './scalars.ts';

const factor = () => number({ min: 0 });

/** A slip in a unit must not take the machine down. */
const MOST_MEMORY_GIB = 16;

const pause = mapping(
  { for: duration(), every: duration() },
  'write for example { for: 200ms, every: 10s }',
).transform((value, ctx) => {
  if (value.for >= value.every) {
    complain(ctx, {
      found: 'a pause that is as long as its period',
      expected: 'for below every',
      advice: 'shorten for',
    });
  }
  return { forMs: value.for, everyMs: value.every };
});

const memory = mapping(
  { perMinute: size(), upTo: size() },
  'write for example { perMinute: 10MiB, upTo: 500MiB }',
).transform((value, ctx) => {
  if (value.upTo > MOST_MEMORY_GIB * 1024 ** 3) {
    complain(ctx, {
      path: ['upTo'],
      expected: `at most ${MOST_MEMORY_GIB}GiB`,
      advice: 'lower it',
    });
  }
  return { perMinuteBytes: value.perMinute, upToBytes: value.upTo };
});

const shape = {
  leak: duration().optional(),
  staircase: mapping(
    { step: duration(), every: duration() },
    'write for example { step: 100ms, every: 1m }',
  ).optional(),
  ramp: mapping(
    { from: factor(), to: factor(), over: duration() },
    'write for example { from: 1, to: 3, over: 10m }',
  ).optional(),
  sine: mapping(
    { min: factor(), max: factor(), period: duration() },
    'write for example { min: 1, max: 2, period: 5m }',
  ).optional(),
  pause: pause.optional(),
  memory: memory.optional(),
} as const;

const KINDS = Object.keys(shape);

const behaviour = mapping(
  { ...shape, on: oneOf(PACES).optional() },
  'write for example { leak: 10ms }',
).transform(({ on: given, ...kinds }, ctx): Behaviour => {
  const named = Object.entries(kinds).filter(([, value]) => value !== undefined);
  if (named.length !== 1) {
    complain(ctx, {
      found: named.length === 0 ? 'no behaviour' : `${named.length} behaviours`,
      expected: `exactly one of ${KINDS.join(', ')}`,
      advice: named.length === 0 ? 'write one' : 'make each an entry of its own',
    });
  }
  const { leak, staircase, ramp, sine, pause, memory } = kinds;
  if (given !== undefined && (pause !== undefined || memory !== undefined)) {
    complain(ctx, {
      path: ['on'],
      at: 'key',
      found: `on beside ${named[0]![0]}`,
      expected: 'it beside leak, staircase, ramp and sine only',
      advice: 'remove it',
    });
  }
  const on: Pace = given ?? 'ttfb';
  if (staircase !== undefined)
    return { kind: 'staircase', stepMs: staircase.step, everyMs: staircase.every, on };
  if (ramp !== undefined) return { kind: 'ramp', from: ramp.from, to: ramp.to, overMs: ramp.over, on };
  if (sine !== undefined) return { kind: 'sine', min: sine.min, max: sine.max, periodMs: sine.period, on };
  if (pause !== undefined) return { kind: 'pause', ...pause };
  if (memory !== undefined) return { kind: 'memory', ...memory };
  return { kind: 'leak', perMinuteMs: leak ?? 0, on };
});

export const behaviours = list(behaviour, 0, 100, 'behaviours', 'write for example [{ leak: 10ms }]');
