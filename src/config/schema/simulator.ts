import { SIMULATOR_PRESETS } from '../../catalog/presets.ts';
import {
  type Capacity,
  type Episode,
  FAULTS,
  type Fault as FaultName,
  type FaultShares,
  type SimulatorOptions,
} from '../../core/simulator.ts';
import { FORMATS } from '../../formats/list.ts';
import { isMapping } from '../describe.ts';
import { behaviours } from './behaviours.ts';
import { choose, Fault, list, mapping, scalar } from './combinators.ts';
import { durationDistribution, numberDistribution } from './distribution.ts';
import { duration, oneOf, readDuration, seed, share, whole } from './scalars.ts';

const SLOWDOWN = 'seed or a duration such as 1ms';

const slowdown = scalar(
  (value): 'seed' | number | Fault => {
    if (value === 'seed') return 'seed';
    const ms = readDuration(value, { zero: true });
    return ms instanceof Fault ? new Fault(SLOWDOWN, 'write for example 1ms') : ms;
  },
  { type: 'string', description: SLOWDOWN },
);

const STATUSES = [503, 429] as const;

const status = scalar(
  (value): 503 | 429 | Fault => {
    const known = STATUSES.find((one) => one === value);
    return known ?? new Fault('503 or 429', 'write one of them');
  },
  { enum: STATUSES },
);

const full = mapping(
  {
    streams: whole(0),
    slowdown: slowdown.default('seed'),
    slots: whole(1).optional(),
    max: whole(1).optional(),
    status: status.default(503),
  },
  {
    advice: 'write for example { streams: 1000, max: 3000 }',
    checks: [
      function* ({ max, streams }) {
        if (max !== undefined && max < streams)
          yield new Fault('at least as many as streams', 'raise it, or lower streams').below(['max']);
      },
    ],
  },
).transform((given): Capacity => given);

const knee = whole(0).transform((streams): Capacity => ({ streams, slowdown: 'seed', status: 503 }));

/** A plain number sets only the number of streams above which the simulator slows down. */
const capacity = choose<Capacity>([knee, full], (value) => (isMapping(value) ? full : knee));

/** Uses the same schema for each fault; faults that are not given are absent. */
function ofEach<S>(make: () => S): Record<FaultName, S> {
  return Object.fromEntries(FAULTS.map((fault) => [fault, make()])) as Record<FaultName, S>;
}

const optionalShare = () => share(0.01).optional();
const optionalCount = () => whole(1).optional();

function given(value: Readonly<Record<string, unknown>>): Partial<Record<FaultName, number>> {
  return Object.fromEntries(FAULTS.filter((f) => value[f] !== undefined).map((f) => [f, value[f] as number]));
}

function* withinWhole(value: Readonly<Record<string, unknown>>): Iterable<Fault> {
  const sum = Object.values(given(value)).reduce((total, ratio) => total + ratio, 0);
  // In binary, ten shares of 10 % add up to slightly more than 1.
  if (sum <= 1 + 1e-9) return;
  const found = `shares that add up to ${Number((sum * 100).toFixed(2))}%`;
  yield new Fault('at most 100% together', 'lower one of them', found);
}

/** Shares of all streams. */
const faults = mapping(ofEach(optionalShare), { checks: [withinWhole] }).transform(
  (value): FaultShares => given(value),
);

/** One of so many streams each. */
const every = mapping(ofEach(optionalCount), 'write for example { truncate: 100 }').transform(given);

const episode = mapping(
  { from: duration({ zero: true }), to: duration(), ...ofEach(optionalShare) },
  {
    advice: 'write for example { from: 3m, to: 5m, truncate: 20% }',
    checks: [
      function* ({ from, to }) {
        if (from >= to)
          yield new Fault(
            'from before to',
            'raise to, or lower from',
            'an episode that ends before it begins',
          );
      },
      withinWhole,
    ],
  },
).transform((value): Episode => ({ fromMs: value.from, toMs: value.to, faults: given(value) }));

/** Shares of the streams of some time. */
const timeline = list(
  episode,
  0,
  1000,
  'episodes',
  'write for example [{ from: 3m, to: 5m, truncate: 20% }]',
);

const PRESETS = Object.keys(SIMULATOR_PRESETS) as (keyof typeof SIMULATOR_PRESETS)[];

const roofline = scalar(
  (value): boolean | Fault =>
    typeof value === 'boolean' ? value : new Fault('true or false', 'write one of them without quotes'),
  { type: 'boolean' },
);

/** Returns the options; without a format, the format of the target applies. */
export const simulator = mapping(
  {
    preset: oneOf(PRESETS).default('seed'),
    seed: seed().optional(),
    format: oneOf(FORMATS).optional(),
    ttfb: durationDistribution.optional(),
    gap: durationDistribution.optional(),
    chunks: numberDistribution.optional(),
    characters: numberDistribution.optional(),
    faults: faults.optional(),
    every: every.optional(),
    timeline: timeline.optional(),
    behaviours: behaviours.optional(),
    capacity: capacity.optional(),
    retryAfter: duration({ zero: true }).optional(),
    roofline: roofline.optional(),
  },
  'write for example { preset: seed }',
).transform((given) => {
  const preset = structuredClone(SIMULATOR_PRESETS[given.preset]);
  const { every, timeline, behaviours, capacity, retryAfter, roofline } = given;
  return {
    format: given.format,
    withFormat: (format: SimulatorOptions['format'] = preset.format): SimulatorOptions => ({
      seed: given.seed ?? preset.seed,
      format: given.format ?? format,
      ttfbMs: given.ttfb ?? preset.ttfbMs,
      gapMs: given.gap ?? preset.gapMs,
      chunks: given.chunks ?? preset.chunks,
      characters: given.characters ?? preset.characters,
      faults: given.faults ?? preset.faults,
      every,
      timeline,
      behaviours,
      capacity,
      retryAfterMs: retryAfter,
      roofline,
    }),
  };
});
