import { SIMULATOR_PRESETS } from '../../catalog/presets.ts';
import type { SimulatorOptions } from '../../core/simulator.ts';
import { FORMATS } from '../../formats/list.ts';
import { behaviours } from './behaviours.ts';
import { capacity } from './capacity.ts';
import { Fault, scalar } from './combinators.ts';
import { durationDistribution, numberDistribution } from './distribution.ts';
import { every, faults, timeline } from './fault-choice.ts';
import { mapping } from './mapping.ts';
import { duration, oneOf, seed } from './scalars.ts';

const PRESETS = Object.keys(SIMULATOR_PRESETS) as (keyof typeof SIMULATOR_PRESETS)[];

const roofline = scalar((value): boolean | Fault =>
  typeof value === 'boolean' ? value : new Fault('true or false', 'write one of them without quotes'),
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
      ...(every === undefined ? {} : { every }),
      ...(timeline === undefined ? {} : { timeline }),
      ...(behaviours === undefined ? {} : { behaviours }),
      ...(capacity === undefined ? {} : { capacity }),
      ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }),
      ...(roofline === undefined ? {} : { roofline }),
    }),
  };
});
