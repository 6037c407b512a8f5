import { SIMULATOR_PRESETS } from '../../catalog/presets.ts';
import { FORMATS } from '../../core/scenario.ts';
import { FAULTS, type Fault, type SimulatorOptions } from '../../core/simulator.ts';
import { complain, mapping } from './combinators.ts';
import { durationDistribution, numberDistribution } from './distribution.ts';
import { oneOf, seed, share } from './scalars.ts';

const PRESETS = Object.keys(SIMULATOR_PRESETS) as (keyof typeof SIMULATOR_PRESETS)[];

const faultShares = Object.fromEntries(FAULTS.map((fault) => [fault, share().optional()])) as Record<
  Fault,
  ReturnType<ReturnType<typeof share>['optional']>
>;

const faults = mapping(faultShares).transform((value, ctx) => {
  const given = Object.entries(value).filter((entry): entry is [string, number] => entry[1] !== undefined);
  const sum = given.reduce((total, [, ratio]) => total + ratio, 0);
  // Shares such as ten times 10 % add up to a little more than 1 in binary.
  if (sum > 1 + 1e-9) {
    complain(ctx, {
      found: `shares that add up to ${Number((sum * 100).toFixed(2))}%`,
      expected: 'at most 100% together',
      advice: 'lower one of them',
    });
  }
  return Object.fromEntries(given) as Partial<Record<Fault, number>>;
});

/** @returns the options as far as the format is given: where it is not, the target's own decides. */
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
  },
  'write for example { preset: seed }',
).transform((given) => {
  const preset = structuredClone(SIMULATOR_PRESETS[given.preset]);
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
    }),
  };
});
