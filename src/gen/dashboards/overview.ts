import { METRICS as M } from '../../catalog/metrics.ts';
import { alertTimeline } from './alert-panels.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { failedRatio, quantile, series, successDuration, sum, TARGETS } from './expressions.ts';
import type { DashboardSpec } from './frame.ts';
import { limitColours } from './limit-lines.ts';
import type { TableSpec } from './panel-spec.ts';
import {
  concurrencyPanel,
  durationPanel,
  outcomesPanel,
  successPanel,
  timingPanel,
  ttfbHeatmap,
} from './stream-panels.ts';
import { verdictRow } from './verdict-row.ts';

/** How are all targets, and which one is worst? */
export function overview(options: DashboardOptions): DashboardSpec {
  const view = { scope: TARGETS, each: true, settings: options.settings };
  return {
    uid: 'soak-overview',
    title: 'soak overview',
    description: 'How all targets are, and which one is the worst.',
    targets: 'several',
    sections: [
      { heading: 'Verdict', bands: [{ height: 5, panels: verdictRow(TARGETS, true, options) }] },
      {
        heading: 'What users feel',
        bands: [
          { height: 8, panels: [successPanel(view), timingPanel('ttfb', view)] },
          { height: 8, panels: [ttfbHeatmap(view), concurrencyPanel(view)] },
          { height: 8, panels: [outcomesPanel(view), durationPanel(view)] },
        ],
      },
      {
        heading: 'Where to look',
        bands: [{ height: 8, panels: [alertTimeline(options.hostJob), worstTargets(options)] }],
      },
    ],
  };
}

/** Returns the variables that Grafana fills into a link. */
const filled = (variable: string) => `\${${variable}}`;
/** The other dashboard shows the same instances; the target is that of the row. */
const KEPT = ['datasource', 'job', 'instance'].map((name) => filled(`${name}:queryparam`));

/** One row for each target, the one that fails most on top. */
function worstTargets({ settings }: DashboardOptions): TableSpec {
  const crossed = `sum by (target) (${series(M.thresholdState.name, TARGETS)} == bool 1)`;
  return {
    kind: 'table',
    title: 'Targets, the worst first',
    description:
      'Of the last five minutes. What to do: follow the name of the topmost unhealthy target to its dashboard.',
    unit: 'short',
    rows: {
      label: 'target',
      heading: 'Target',
      link: {
        title: 'Its own dashboard',
        url: `/d/soak-target?${[filled('__url_time_range'), ...KEPT, `var-target=${filled('__value.raw')}`].join('&')}`,
      },
    },
    sortBy: 'Failed',
    queries: [
      { expr: failedRatio(TARGETS, 'target'), legend: 'Failed' },
      { expr: crossed, legend: 'Crossed' },
      { expr: quantile(0.95, M.ttfb.name, TARGETS, 'target'), legend: 'TTFB p95' },
      { expr: successDuration(TARGETS, 'target'), legend: 'Duration' },
      { expr: sum(series(M.active.name, TARGETS), 'target'), legend: 'Open' },
      { expr: sum(series(M.stalled.name, TARGETS), 'target'), legend: 'Stalled' },
    ],
    columns: {
      Failed: { unit: 'percentunit', decimals: 2 },
      Crossed: {
        colours: [
          { value: null, colour: 'green' },
          { value: 1, colour: 'red' },
        ],
      },
      'TTFB p95': { unit: 's', colours: limitColours(['ttfb-p95'], settings) },
      Duration: {
        unit: 's',
        colours: limitColours(['duration-mean', 'duration-mean-critical'], settings),
      },
    },
  };
}
