import type { StreamView } from '../catalog/slots.ts';
import type { Config } from '../core/scenario.ts';
import { budgetOf } from '../thresholds/watch.ts';

/** Rest of the failures that a target may have in a run. */
export interface ErrorBudget {
  readonly target: string;
  /** 1: no stream failed; 0: as many as its objective allows; below 0: more. */
  readonly remaining: number;
}

/**
 * Returns the error budget of each target: the share of failures that its objective allows (Beyer et al., Site Reliability
 * Engineering, 2016, ch. 3), of the streams that have finished so far.
 * @param view values of a run; absent before the first run
 */
export function errorBudgets(config: Config, view: StreamView | undefined): ErrorBudget[] {
  return config.targets.map(({ name, thresholds }) => {
    const t = view?.layout.targets.indexOf(name) ?? -1;
    const { success, failed } = view !== undefined && t >= 0 ? view.results(t) : { success: 0, failed: 0 };
    const finished = success + failed;
    const budget = budgetOf({ own: thresholds, common: config.thresholds });
    return { target: name, remaining: finished === 0 ? 1 : 1 - failed / finished / budget };
  });
}
