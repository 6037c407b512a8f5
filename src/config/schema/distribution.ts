import type { z } from 'zod';
import type { Distribution } from '../../core/distribution.ts';
import { isMapping } from '../describe.ts';
import { choose, Fault, list, mapping, then } from './combinators.ts';
import { type DurationRange, duration, number } from './scalars.ts';

type Quantity = z.ZodType<number>;

/**
 * @param numeral a value of the quantity, 0 included
 * @param positive a value above 0, for means that a distribution divides by
 */
function distribution(numeral: Quantity, positive: Quantity): z.ZodType<Distribution> {
  const moments = mapping({ mean: positive, stddev: numeral });
  const drawn = mapping(
    {
      uniform: then(
        list(numeral, 2, 2, 'values, the smaller first', 'write for example [10, 20] in its unit'),
        (pair) =>
          pair[0]! <= pair[1]!
            ? pair
            : new Fault('the smaller value first', 'swap the two', 'a range that ends before it begins'),
      ).optional(),
      normal: moments.optional(),
      lognormal: moments.optional(),
      exponential: mapping({ mean: positive }).optional(),
      empirical: list(numeral, 1, 10_000, 'values', 'write the values to draw from').optional(),
    },
    { advice: 'write one distribution below it', checks: [exactlyOne] },
  ).transform((value): Distribution => {
    const { uniform, normal, lognormal, exponential, empirical } = value;
    if (uniform !== undefined) return { kind: 'uniform', from: uniform[0]!, to: uniform[1]! };
    if (normal !== undefined) return { kind: 'normal', ...normal };
    if (lognormal !== undefined) return { kind: 'lognormal', ...lognormal };
    if (exponential !== undefined) return { kind: 'exponential', ...exponential };
    return { kind: 'empirical', values: empirical ?? [] };
  });
  const fixed: z.ZodType<Distribution> = numeral.transform((value) => ({ kind: 'fixed' as const, value }));
  return choose<Distribution>([fixed, drawn], (value) => (isMapping(value) ? drawn : fixed));
}

const KINDS = ['uniform', 'normal', 'lognormal', 'exponential', 'empirical'] as const;

/** An invalid distribution counts as present. */
function* exactlyOne(_: unknown, written: Readonly<Record<string, unknown>>): Iterable<Fault> {
  const given = KINDS.filter((kind) => written[kind] !== undefined);
  // An unknown key is reported already and was probably meant as the distribution.
  if (given.length === 1 || (given.length === 0 && Object.keys(written).length > 0)) return;
  const [found, advice] =
    given.length === 0
      ? ['no distribution', 'write one']
      : [`${given.length} distributions`, 'keep one of them'];
  yield new Fault(`exactly one of ${KINDS.join(', ')}`, advice, found);
}

const zeroToo: DurationRange = { zero: true };

/** Of durations, in ms. */
export const durationDistribution = distribution(duration(zeroToo), duration());
/** Of plain numbers. */
export const numberDistribution = distribution(number({ min: 0 }), number({ min: 0, above: true }));
