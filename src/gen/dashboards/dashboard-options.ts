import type { LimitSettings } from '../limits.ts';
import { DEFAULT_RULES } from '../rules.ts';

/** Options of the dashboards. */
export interface DashboardOptions {
  /** Limits that are drawn. */
  readonly settings: LimitSettings;
  /** The job that scrapes node_exporter on the hosts of targets; a label `target` names the target. */
  readonly hostJob: string;
}

/** Options of the committed dashboards. */
export const DEFAULT_DASHBOARDS: DashboardOptions = {
  settings: DEFAULT_RULES.settings,
  hostJob: DEFAULT_RULES.jobs.host,
};
