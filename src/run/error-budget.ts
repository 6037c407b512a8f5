import type { StreamLayout } from '../catalog/slots.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import type { Config } from '../core/scenario.ts';
import type { SnapshotView } from '../core/snapshot.ts';
import { budgetOf } from './watch/watch.ts';

/** What is left of the failures that a target may have in a run. */
export interface ErrorBudget {
  readonly target: string;
  /** 1: not one has failed; 0: as many as its objective allows; below 0: more. */
  readonly remaining: number;
}

/**
 * The error budget of each target: the share of failures that its objective leaves (Beyer et al., Site Reliability
 * Engineering, 2016, ch. 3), of the streams that have finished so far.
 * @param view what a run has counted; absent before the first one
 */
export function errorBudgets(config: Config, view: SnapshotView<StreamLayout> | undefined): ErrorBudget[] {
  return config.targets.map(({ name, thresholds }) => {
    const t = view?.layout.targets.indexOf(name) ?? -1;
    let failed = 0;
    let finished = 0;
    if (view !== undefined && t >= 0) {
      for (const outcome of OUTCOMES) {
        const result = resultOf(outcome);
        const n = view.cell(t, `finished:${outcome}`);
        if (result === 'failed') failed += n;
        if (result === 'failed' || result === 'success') finished += n;
      }
    }
    const budget = budgetOf({ own: thresholds, common: config.thresholds });
    return { target: name, remaining: finished === 0 ? 1 : 1 - failed / finished / budget };
  });
}
