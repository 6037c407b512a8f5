import type { DashboardOptions } from './dashboard-options.ts';
import { dashboardOf } from './frame.ts';
import { generator } from './generator.ts';
import { overview } from './overview.ts';
import { target } from './target.ts';

export { DEFAULT_DASHBOARDS } from './dashboard-options.ts';

const DASHBOARDS = [overview, target, generator] as const;

/** @returns the dashboards as Grafana reads them: JSON by name of the file */
export function dashboardFiles(options: DashboardOptions): Record<string, string> {
  return Object.fromEntries(
    DASHBOARDS.map((make) => {
      const spec = make(options);
      return [`${spec.uid}.json`, `${JSON.stringify(dashboardOf(spec, options), null, 2)}\n`];
    }),
  );
}
