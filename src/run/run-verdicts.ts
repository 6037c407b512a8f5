import type { RunReason, RunVerdict, Verdict } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import { evaluateRun, overall, thresholdsOf } from '../thresholds/verdict.ts';
import type { ThresholdStatus } from '../thresholds/watch.ts';
import { isUndelivered, type LoadDelivered } from './delivered.ts';
import { boundsOf, type LagShifts } from './measurement-quality/lag-watch.ts';
import type { Setup } from './run-result.ts';

/**
 * Evaluates the thresholds of the targets of a scenario for a whole run.
 * @param values counted by the run, without its warm-up
 * @param shifts difference of the bounds of its timings from the observed values
 * @param watched states of the thresholds over their windows
 */
export function verdictsOf(
  { config, layout }: Setup,
  { targets }: Scenario,
  values: Float64Array,
  shifts: LagShifts,
  watched: readonly ThresholdStatus[],
): Verdict[] {
  const counts = boundsOf(layout, values, shifts);
  return targets.flatMap(({ name }) => {
    const index = config.targets.findIndex((t) => t.name === name);
    const { thresholds: own } = config.targets[index]!;
    return thresholdsOf(own, config.thresholds).flatMap((threshold) => {
      const status = watched.find((s) => s.target === name && s.threshold.id === threshold.id);
      return evaluateRun(threshold, { name, index, counts }, status?.crossings) ?? [];
    });
  });
}

/**
 * Returns the verdict of a run: that of its thresholds where it ended by itself, `aborted` where it was stopped. Too little
 * delivered load makes a pass inconclusive, and so does a target of a sequence without a turn.
 * @param notLoaded names of such targets
 */
export function runVerdict(
  reason: RunReason,
  verdicts: readonly Verdict[],
  load: LoadDelivered,
  notLoaded: readonly string[] = [],
): RunVerdict {
  if (reason === 'threshold_crossed') return 'fail';
  if (reason !== 'completed' && reason !== 'budget_spent') return 'aborted';
  const verdict = overall(verdicts);
  return verdict === 'pass' && (isUndelivered(load) || notLoaded.length > 0) ? 'inconclusive' : verdict;
}
