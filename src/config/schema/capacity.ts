import type { Capacity } from '../../core/simulator.ts';
import { isMapping } from '../describe.ts';
import { addIssue, choose, Fault, scalar } from './combinators.ts';
import { mapping } from './mapping.ts';
import { readDuration, whole } from './scalars.ts';

const SLOWDOWN = 'seed or a duration such as 1ms';

const slowdown = scalar((value): 'seed' | number | Fault => {
  if (value === 'seed') return 'seed';
  const ms = readDuration(value, { zero: true });
  return ms instanceof Fault ? new Fault(SLOWDOWN, 'write for example 1ms') : ms;
});

const STATUSES = [503, 429] as const;

const status = scalar((value): 503 | 429 | Fault => {
  const known = STATUSES.find((one) => one === value);
  return known ?? new Fault('503 or 429', 'write one of them');
});

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
      ({ max, streams }, ctx) => {
        if (max === undefined || max >= streams) return;
        addIssue(ctx, {
          path: ['max'],
          expected: 'at least as many as streams',
          advice: 'raise it, or lower streams',
        });
      },
    ],
  },
).transform(({ slots, max, ...rest }): Capacity => {
  return { ...rest, ...(slots === undefined ? {} : { slots }), ...(max === undefined ? {} : { max }) };
});

const knee = whole(0).transform((streams): Capacity => ({ streams, slowdown: 'seed', status: 503 }));

/** A plain number sets only the number of streams above which the simulator slows down. */
export const capacity = choose<Capacity>([knee, full], (value) => (isMapping(value) ? full : knee));
