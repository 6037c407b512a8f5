import type { z } from 'zod';
import type { Distribution } from '../../core/distribution.ts';
import { isMapping } from '../describe.ts';
import { choose, complain, list, mapping } from './combinators.ts';
import { type DurationRange, duration, number } from './scalars.ts';

type Figure = z.ZodType<number>;

/**
 * @param figure a value of the quantity, 0 included
 * @param positive a value above 0, for means that a distribution divides by
 */
function distribution(figure: Figure, positive: Figure): z.ZodType<Distribution> {
  const moments = mapping({ mean: positive, stddev: figure });
  const drawn = mapping(
    {
      uniform: list(figure, 2, 2, 'values, the smaller first', 'write for example [10, 20] in its unit')
        .superRefine((pair, ctx) => {
          if (pair.length === 2 && pair[0]! > pair[1]!) {
            complain(ctx, {
              found: 'a range that ends before it begins',
              expected: 'the smaller value first',
              advice: 'swap the two',
            });
          }
        })
        .optional(),
      normal: moments.optional(),
      lognormal: moments.optional(),
      exponential: mapping({ mean: positive }).optional(),
      empirical: list(figure, 1, 10_000, 'values', 'write the values to draw from').optional(),
    },
    'write one distribution below it',
  ).transform((value, ctx): Distribution => {
    const given = Object.entries(value).filter(([, v]) => v !== undefined);
    if (given.length !== 1) {
      complain(ctx, {
        found: given.length === 0 ? 'no distribution' : `${given.length} distributions`,
        expected: 'exactly one of uniform, normal, lognormal, exponential, empirical',
        advice: given.length === 0 ? 'write one' : 'keep one of them',
      });
    }
    const { uniform, normal, lognormal, exponential, empirical } = value;
    if (uniform !== undefined) return { kind: 'uniform', from: uniform[0]!, to: uniform[1]! };
    if (normal !== undefined) return { kind: 'normal', ...normal };
    if (lognormal !== undefined) return { kind: 'lognormal', ...lognormal };
    if (exponential !== undefined) return { kind: 'exponential', ...exponential };
    return { kind: 'empirical', values: empirical ?? [] };
  });
  const fixed: z.ZodType<Distribution> = figure.transform((value) => ({ kind: 'fixed' as const, value }));
  return choose<Distribution>([fixed, drawn], (value) => (isMapping(value) ? drawn : fixed));
}

const zeroToo: DurationRange = { zero: true };

/** Of durations, in ms. */
export const durationDistribution = distribution(duration(zeroToo), duration());
/** Of plain numbers. */
export const numberDistribution = distribution(number({ min: 0 }), number({ min: 0, above: true }));
