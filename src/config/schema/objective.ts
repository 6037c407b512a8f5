import type { Objective } from '../../core/scenario.ts';
import { complain, mapping } from './combinators.ts';
import { duration } from './scalars.ts';

/** What a good answer keeps to. */
export const objective = mapping({
  ttft: duration().optional(),
  maxGap: duration().optional(),
  tpot: duration().optional(),
  duration: duration().optional(),
}).transform(({ ttft, maxGap, tpot, duration: whole }, ctx): Objective => {
  if (ttft === undefined && maxGap === undefined && tpot === undefined && whole === undefined) {
    complain(ctx, {
      found: 'an objective without a limit',
      expected: 'at least one of duration, maxGap, tpot, ttft',
      advice: 'write for example { ttft: 2s }',
    });
  }
  return {
    ...(ttft === undefined ? {} : { ttftMs: ttft }),
    ...(maxGap === undefined ? {} : { maxGapMs: maxGap }),
    ...(tpot === undefined ? {} : { tpotMs: tpot }),
    ...(whole === undefined ? {} : { durationMs: whole }),
  };
});
