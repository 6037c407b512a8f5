import { type Behaviour, PACES, type Pace } from '../../core/simulator.ts';
import { Fault, list, mapping } from './combinators.ts';
import { duration, number, oneOf, size } from './scalars.ts';

const factor = () => number({ min: 0 });

/** Maximum memory ballast, so that a wrong unit does not exhaust the machine. */
const MAX_MEMORY_GIB = 16;

const pause = mapping(
  { for: duration(), every: duration() },
  {
    advice: 'write for example { for: 200ms, every: 10s }',
    checks: [
      function* (value) {
        if (value.for >= value.every)
          yield new Fault('for below every', 'shorten for', 'a pause that is as long as its period');
      },
    ],
  },
).transform((value) => ({ forMs: value.for, everyMs: value.every }));

const memory = mapping(
  { perMinute: size(), upTo: size() },
  {
    advice: 'write for example { perMinute: 10MiB, upTo: 500MiB }',
    checks: [
      function* ({ upTo }) {
        if (upTo > MAX_MEMORY_GIB * 1024 ** 3)
          yield new Fault(`at most ${MAX_MEMORY_GIB}GiB`, 'lower it').below(['upTo']);
      },
    ],
  },
).transform((value) => ({ perMinuteBytes: value.perMinute, upToBytes: value.upTo }));

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
  { advice: 'write for example { leak: 10ms }', checks: [exactlyOne] },
).transform(({ on: given, ...kinds }): Behaviour => {
  const { leak, staircase, ramp, sine, pause, memory } = kinds;
  const on: Pace = given ?? 'ttfb';
  if (staircase !== undefined)
    return { kind: 'staircase', stepMs: staircase.step, everyMs: staircase.every, on };
  if (ramp !== undefined) return { kind: 'ramp', from: ramp.from, to: ramp.to, overMs: ramp.over, on };
  if (sine !== undefined) return { kind: 'sine', min: sine.min, max: sine.max, periodMs: sine.period, on };
  if (pause !== undefined) return { kind: 'pause', ...pause };
  if (memory !== undefined) return { kind: 'memory', ...memory };
  return { kind: 'leak', perMinuteMs: leak ?? 0, on };
});

/** An invalid behaviour counts as present. */
function* exactlyOne(_: unknown, written: Readonly<Record<string, unknown>>): Iterable<Fault> {
  const named = KINDS.filter((kind) => written[kind] !== undefined);
  const isUnknown = Object.keys(written).some((key) => key !== 'on' && !KINDS.includes(key));
  // An unknown key is reported already and was probably meant as the behaviour.
  if (named.length > 1 || (named.length === 0 && !isUnknown)) {
    yield new Fault(
      `exactly one of ${KINDS.join(', ')}`,
      named.length === 0 ? 'write one' : 'make each an entry of its own',
      named.length === 0 ? 'no behaviour' : `${named.length} behaviours`,
    );
  }
  if (written.on !== undefined && (named.includes('pause') || named.includes('memory'))) {
    const wanted = 'it beside leak, staircase, ramp and sine only';
    yield new Fault(wanted, 'remove it', `on beside ${named[0]}`, ['on'], 'key');
  }
}

export const behaviours = list(behaviour, 0, 100, 'behaviours', 'write for example [{ leak: 10ms }]');
