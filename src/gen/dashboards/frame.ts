import {
  type AnnotationQuery,
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { METRICS as M } from '../../catalog/metrics.ts';
import { firingForAnnotation } from './alert-panels.ts';
import type { DashboardOptions } from './dashboard-options.ts';
import { SERVICE, series } from './expressions.ts';
import { placed } from './grid.ts';
import type { Section } from './panel-spec.ts';
import { DATASOURCE } from './queries.ts';
import { completePanels, inTheOpen } from './sdk-gaps.ts';

/** Tag by which the dashboards link to one another. */
const TAG = 'soak';

/** Use of the variable `target`: several targets, one target, or only passed on to other dashboards. */
export type TargetChoice = 'several' | 'one' | 'hidden';

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly targets: TargetChoice;
  readonly sections: readonly Section[];
}

/** Returns a complete dashboard; the same input gives the same output. */
export function dashboardOf(spec: DashboardSpec, { hostJob }: DashboardOptions): Dashboard {
  const frame = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .build();
  return completePanels({
    ...frame,
    templating: { list: variables(spec.targets) },
    annotations: { list: annotations(hostJob).map(inTheOpen) },
    links: [inTheOpen(toTheOthers())],
    panels: placed(spec.sections),
  });
}

/** All that a variable is matched with stands for: also for a label that is there once more instances come. */
const ALL = '.+';

function variables(targets: TargetChoice): VariableModel[] {
  const query = (name: string, label: string, values: string) =>
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(DATASOURCE)
      .query(values)
      .definition(values)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.AlphabeticalAsc);
  const several = (name: string, label: string, values: string) =>
    query(name, label, values)
      .multi(true)
      .includeAll(true)
      .allValue(ALL)
      .current({ selected: true, text: ['All'], value: ['$__all'] });
  const build = M.buildInfo.name;
  const ofTarget = `label_values(${series(M.desired.name, SERVICE)}, target)`;
  return [
    new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus').build(),
    several('job', 'Job', `label_values(${build}, job)`).build(),
    several('instance', 'Instance', `label_values(${build}{job=~"$job"}, instance)`).build(),
    targets === 'one'
      ? query('target', 'Target', ofTarget).build()
      : several('target', 'Target', ofTarget)
          .hide(targets === 'hidden' ? VariableHide.HideVariable : VariableHide.DontHide)
          .build(),
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

function annotations(hostJob: string): AnnotationQuery[] {
  const ofRun = (name: string, metric: string, colour: string) =>
    annotation(
      name,
      `${series(metric, SERVICE)} * on (job, instance) group_left (scenario, run) ${series(M.runInfo.name, SERVICE)} * 1000 > 0`,
      colour,
    )
      .titleFormat(name)
      .textFormat('{{scenario}} ({{run}}) on {{instance}}')
      // The value is when it happened, ms; that of a scrape would be later.
      .useValueForTime(true)
      .build();
  return [
    ofRun('Run started', M.runStart.name, 'green'),
    ofRun('Run ended', M.runEnd.name, 'blue'),
    annotation('Run resumed', resumed(), 'orange')
      .titleFormat('Run resumed')
      .textFormat('{{scenario}} ({{run}}) on {{instance}} continues after a gap without soakd')
      .build(),
    annotation('Alerts', firingForAnnotation(hostJob), 'red')
      .titleFormat('{{alertname}}')
      .textFormat('{{severity}} {{target}}')
      .build(),
  ];
}

function annotation(name: string, expr: string, colour: string): AnnotationQueryBuilder {
  return (
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(DATASOURCE)
      .enable(true)
      .iconColor(colour)
      // Where Grafana had the query before version 11, and where it has it now.
      .expr(expr)
      .step(STEP)
      .target(new DataqueryBuilder().refId('Anno').expr(expr).interval(STEP))
  );
}

function toTheOthers(): DashboardLink {
  return new DashboardLinkBuilder('soak dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true)
    .targetBlank(false)
    .build();
}
