import type { Budget } from '../../core/scenario.ts';
import { addIssue } from './combinators.ts';
import { mapping } from './mapping.ts';
import { number, whole } from './scalars.ts';

const price = () => number({ min: 0 });

const prices = mapping({ input: price(), output: price() }, 'write for example { input: 0.5, output: 1.5 }');

/** Budget of a run: a run whose budget is used up starts no more streams. */
export const budget = mapping(
  {
    streams: whole(1).optional(),
    outputTokens: whole(1).optional(),
    cost: number({ min: 0, above: true }).optional(),
    prices: prices.optional(),
  },
  {
    advice: 'write for example { streams: 1000 }',
    checks: [
      (_, ctx, written) => {
        if (Object.keys(written).some((key) => key !== 'prices')) return;
        addIssue(ctx, {
          found: 'a budget without a limit',
          expected: 'streams, outputTokens or cost',
          advice: 'set one of them',
        });
      },
      ({ cost, prices: of }, ctx) => {
        if (cost === undefined || of !== undefined) return;
        addIssue(ctx, {
          path: ['cost'],
          found: 'a cost without prices',
          expected: 'prices of a million tokens to reckon it with',
          advice: 'add prices: { input: …, output: … }',
        });
      },
    ],
  },
).transform((given): Budget => {
  const { streams, outputTokens, cost, prices: of } = given;
  return {
    ...(streams === undefined ? {} : { streams }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(cost === undefined ? {} : { cost }),
    ...(of === undefined ? {} : { prices: of }),
  };
});
