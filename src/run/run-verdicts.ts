import type { RunReason, RunVerdict, Unevaluated, Verdict } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import type { LoadDelivered } from '../schema/summary.ts';
import { evaluateRun, overall, thresholdsOf } from '../thresholds/verdict.ts';
import type { ThresholdStatus } from '../thresholds/watch.ts';
import { isUndelivered } from './delivered.ts';
import { boundsOf, type LagShifts } from './measurement-quality/lag-watch.ts';
import type { Setup } from './run-result.ts';

/**
 * Evaluates the thresholds of the targets of a scenario for a whole run. Default limits without data are no verdicts.
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
): { readonly verdicts: Verdict[]; readonly notEvaluated: Unevaluated[] } {
  const counts = boundsOf(layout, values, shifts);
  const all = targets.flatMap(({ name }) => {
    const index = config.targets.findIndex((t) => t.name === name);
    const { thresholds: own } = config.targets[index]!;
    return thresholdsOf(own, config.thresholds).map((threshold) => {
      const status = watched.find((s) => s.target === name && s.threshold.id === threshold.id);
      // Asked as if it were set, so that one without data is known, too.
      const asSet = { ...threshold, isSet: true };
      const verdict = evaluateRun(asSet, { name, index, counts }, status?.crossings)!;
      return { verdict, isLeftOut: verdict.result === 'no-data' && !threshold.isSet };
    });
  });
  return {
    verdicts: all.filter((v) => !v.isLeftOut).map((v) => v.verdict),
    notEvaluated: all.filter((v) => v.isLeftOut).map((v) => v.verdict),
  };
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
