import type { Objective } from '../../core/scenario.ts';
import { duration as durationRecord } from '../../measures/duration.ts';
import { gap as gapRecord } from '../../measures/gap.ts';
import { tpot as tpotRecord } from '../../measures/tpot.ts';
import { ttft as ttftRecord } from '../../measures/ttft.ts';
import { addIssue } from './combinators.ts';
import { mapping } from './mapping.ts';
import { duration } from './scalars.ts';

/** Limits of a good stream. */
export const objective = mapping(
  {
    ttft: duration({ exampleMs: ttftRecord.usualMs }).optional(),
    maxGap: duration({ exampleMs: gapRecord.usualMs }).optional(),
    tpot: duration({ exampleMs: tpotRecord.usualMs }).optional(),
    duration: duration({ exampleMs: durationRecord.usualMs }).optional(),
  },
  {
    checks: [
      (_, ctx, written) => {
        if (Object.keys(written).length > 0) return;
        addIssue(ctx, {
          found: 'an objective without a limit',
          expected: 'at least one of duration, maxGap, tpot, ttft',
          advice: 'write for example { ttft: 2s }',
        });
      },
    ],
  },
).transform(
  ({ ttft, maxGap, tpot, duration: whole }): Objective => ({
    ...(ttft === undefined ? {} : { ttftMs: ttft }),
    ...(maxGap === undefined ? {} : { maxGapMs: maxGap }),
    ...(tpot === undefined ? {} : { tpotMs: tpot }),
    ...(whole === undefined ? {} : { durationMs: whole }),
  }),
);
