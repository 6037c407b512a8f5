import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { METRICS as M } from '../../catalog/metrics.ts';
import { firingForAnnotation } from './alert-panels.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { SERVICE, series } from './expressions.ts';
import type { PanelSpec, Section } from './panel-spec.ts';
import { DATASOURCE, type Plain, panelOf } from './panels.ts';

/** Tag by which the dashboards link to one another. */
const TAG = 'soak';

/** Use of the variable `target`: several targets, one target, or only passed on to other dashboards. */
type TargetChoice = 'several' | 'one' | 'hidden';

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly targets: TargetChoice;
  readonly sections: readonly Section[];
}

/** Returns a complete dashboard; the same input gives the same output. */
export function dashboardOf(spec: DashboardSpec, { hostJob }: DashboardOptions): Plain<sdk.Dashboard> {
  return {
    timezone: 'browser',
    // Else viewers could edit the generated panels.
    editable: false,
    // One crosshair over all panels.
    graphTooltip: 1,
    fiscalYearStartMonth: 0,
    schemaVersion: 42,
    templating: { list: variables(spec.targets) },
    annotations: { list: annotations(hostJob) },
    title: spec.title,
    uid: spec.uid,
    description: spec.description,
    tags: [TAG],
    time: { from: 'now-1h', to: 'now' },
    refresh: '10s',
    links: [TO_THE_OTHERS],
    panels: placed(spec.sections),
  };
}

/** All that a variable is matched with stands for: also for a label that is there once more instances come. */
const ALL = '.+';

/** Grafana's numbers for its settings. */
const ON_TIME_RANGE_CHANGED = 2;
const ALPHABETICAL = 1;
const HIDE = { several: 0, hidden: 2 } as const;

function variables(targets: TargetChoice): Plain<sdk.VariableModel>[] {
  const common = (type: 'datasource' | 'query', name: string, several: boolean) =>
    ({
      type,
      name,
      skipUrlSync: false,
      multi: several,
      allowCustomValue: true,
      includeAll: several,
      auto: false,
      auto_min: '10s',
      auto_count: 30,
    }) as const;
  const query = (name: string, label: string, values: string, several = true) => ({
    ...common('query', name, several),
    label,
    datasource: DATASOURCE,
    query: values,
    definition: values,
    refresh: ON_TIME_RANGE_CHANGED,
    sort: ALPHABETICAL,
    ...(several ? { allValue: ALL, current: { selected: true, text: ['All'], value: ['$__all'] } } : {}),
  });
  const build = M.buildInfo.name;
  const ofTarget = `label_values(${series(M.desired.name, SERVICE)}, target)`;
  return [
    { ...common('datasource', 'datasource', false), label: 'Data source', query: 'prometheus' },
    query('job', 'Job', `label_values(${build}, job)`),
    query('instance', 'Instance', `label_values(${build}{job=~"$job"}, instance)`),
    targets === 'one'
      ? query('target', 'Target', ofTarget, false)
      : { ...query('target', 'Target', ofTarget), hide: HIDE[targets] },
  ];
}

/** Longest interval of annotation queries, so that short runs are not missed. */
const STEP = '15s';
/** How far back an instance is looked for that has no series in the gap of its run: more than the usual `history.maxGap`. */
const MAX_LOOKBACK = '1h';

/** True for one step of the query after the counter of resumes has grown, however long Grafana makes the steps. */
function resumed(): string {
  const resumes = series(M.runResumes.name, SERVICE);
  const grown = `(${resumes} > max_over_time(${resumes}[${MAX_LOOKBACK}] offset $__interval))`;
  return `${grown} * on (job, instance) group_left (scenario, run) ${series(M.runInfo.name, SERVICE)}`;
}

function annotations(hostJob: string): Plain<Omit<sdk.AnnotationQuery, 'placement'>>[] {
  const ofRun = (name: string, metric: string, colour: string) => ({
    ...annotation(
      name,
      `${series(metric, SERVICE)} * on (job, instance) group_left (scenario, run) ${series(M.runInfo.name, SERVICE)} * 1000 > 0`,
      colour,
      { title: name, text: '{{scenario}} ({{run}}) on {{instance}}' },
    ),
    // The value is when it happened, ms; that of a scrape would be later.
    useValueForTime: true,
  });
  return [
    ofRun('Run started', M.runStart.name, 'green'),
    ofRun('Run ended', M.runEnd.name, 'blue'),
    annotation('Run resumed', resumed(), 'orange', {
      title: 'Run resumed',
      text: '{{scenario}} ({{run}}) on {{instance}} continues after a gap without soakd',
    }),
    annotation('Alerts', firingForAnnotation(hostJob), 'red', {
      title: '{{alertname}}',
      text: '{{severity}} {{target}}',
    }),
  ];
}

/** Has no `placement`, which would hide it in a menu. */
function annotation(
  name: string,
  expr: string,
  colour: string,
  { title, text }: { readonly title: string; readonly text: string },
) {
  return {
    name,
    enable: true,
    hide: false,
    iconColor: colour,
    builtIn: 0,
    datasource: DATASOURCE,
    // Where Grafana had the query before version 11, and where it has it now.
    expr,
    step: STEP,
    target: { expr, refId: 'Anno', interval: STEP } as never,
    titleFormat: title,
    textFormat: text,
  };
}

/** Has no `placement`, which would hide it in a menu. */
const TO_THE_OTHERS: Plain<Omit<sdk.DashboardLink, 'placement'>> = {
  title: 'soak dashboards',
  type: 'dashboards',
  icon: '',
  tooltip: '',
  tags: [TAG],
  asDropdown: false,
  targetBlank: false,
  includeVars: true,
  keepTime: true,
};

/** Of Grafana's grid. */
const COLUMNS = 24;

/** Places and numbers panels: bands below one another, the panels of a band side by side over the whole width. */
function placed(sections: readonly Section[]): Plain<Panel | RowPanel>[] {
  const panels: Plain<Panel | RowPanel>[] = [];
  let y = 0;
  for (const { heading, bands } of sections) {
    panels.push({
      type: 'row',
      collapsed: false,
      id: panels.length + 1,
      panels: [],
      title: heading,
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
    });
    y++;
    for (const { height, panels: specs } of bands) {
      for (const [i, { x, w }] of widths(specs).entries()) {
        panels.push({ ...panelOf(specs[i]!), gridPos: { h: height, w, x, y }, id: panels.length + 1 });
      }
      y += height;
    }
  }
  return panels;
}

/** Shares of the whole width; rounded so that they fill it without a gap. */
function widths(specs: readonly PanelSpec[]): { x: number; w: number }[] {
  const total = specs.reduce((sum, { width = 1 }) => sum + width, 0);
  let before = 0;
  return specs.map(({ width = 1 }) => {
    const x = Math.round((before / total) * COLUMNS);
    before += width;
    return { x, w: Math.round((before / total) * COLUMNS) - x };
  });
}
