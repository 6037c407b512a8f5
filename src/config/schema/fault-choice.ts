import { type Episode, FAULTS, type Fault, type FaultShares } from '../../core/simulator.ts';
import { addIssue, list } from './combinators.ts';
import { mapping } from './mapping.ts';
import { duration, share, whole } from './scalars.ts';

/** Uses the same schema for each fault; faults that are not given are absent. */
function ofEach<S>(make: () => S): Record<Fault, S> {
  return Object.fromEntries(FAULTS.map((fault) => [fault, make()])) as Record<Fault, S>;
}

const optionalShare = () => share(0.01).optional();
const optionalCount = () => whole(1).optional();

function given(value: Readonly<Record<string, unknown>>): Partial<Record<Fault, number>> {
  return Object.fromEntries(FAULTS.filter((f) => value[f] !== undefined).map((f) => [f, value[f] as number]));
}

function withinWhole(value: Readonly<Record<string, unknown>>, ctx: unknown): void {
  const sum = Object.values(given(value)).reduce((total, ratio) => total + ratio, 0);
  // In binary, ten shares of 10 % add up to slightly more than 1.
  if (sum > 1 + 1e-9) {
    addIssue(ctx, {
      found: `shares that add up to ${Number((sum * 100).toFixed(2))}%`,
      expected: 'at most 100% together',
      advice: 'lower one of them',
    });
  }
}

/** Shares of all streams. */
export const faults = mapping(ofEach(optionalShare), { checks: [withinWhole] }).transform(
  (value): FaultShares => given(value),
);

/** One of so many streams each. */
export const every = mapping(ofEach(optionalCount), 'write for example { truncate: 100 }').transform(given);

const episode = mapping(
  { from: duration({ zero: true }), to: duration(), ...ofEach(optionalShare) },
  {
    advice: 'write for example { from: 3m, to: 5m, truncate: 20% }',
    checks: [
      ({ from, to }, ctx) => {
        if (from < to) return;
        addIssue(ctx, {
          found: 'an episode that ends before it begins',
          expected: 'from before to',
          advice: 'raise to, or lower from',
        });
      },
      withinWhole,
    ],
  },
).transform((value): Episode => ({ fromMs: value.from, toMs: value.to, faults: given(value) }));

/** Shares of the streams of some time. */
export const timeline = list(
  episode,
  0,
  1000,
  'episodes',
  'write for example [{ from: 3m, to: 5m, truncate: 20% }]',
);
