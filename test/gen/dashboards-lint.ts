import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { METRICS } from '../../src/catalog/metrics.ts';
import { groupedBy, type Selector, selectorsIn } from './dashboards-promql.ts';
import { annotationsOf, panelsOf, queriesOf, variablesOf } from './dashboards-reading.ts';

/** What a rule finds wrong, in words. */
type Rule = (dashboard: Dashboard) => string[];

const DATASOURCES = ['$datasource', '$' + '{datasource}'];
const RATE_INTERVAL = '1234s';

/** Variables filled in so that it can be seen afterwards where they were. */
function checkable(expr: string, dashboard: Dashboard): string {
  const names = variablesOf(dashboard).map(({ name }) => [name, `<${name}>`]);
  const variables = {
    ...Object.fromEntries(names),
    __rate_interval: RATE_INTERVAL,
    __interval: RATE_INTERVAL,
  };
  return expr.replaceAll(/\$(\w+)/g, (match, name: keyof typeof variables) => variables[name] ?? match);
}

interface Expression {
  readonly where: string;
  readonly expr: string;
  /** With `{{label}}`; empty where there is none. */
  readonly legend: string;
  readonly selectors: readonly Selector[];
}

/** All PromQL of a dashboard; what cannot be parsed selects nothing, and is another rule. */
function expressionsOf(dashboard: Dashboard): Expression[] {
  const all = [
    ...queriesOf(dashboard).map(({ where, query }) => [where, query.expr, query.legendFormat ?? ''] as const),
    ...annotationsOf(dashboard).map(
      ({ name, expr, titleFormat, textFormat }) =>
        [`annotation ${name}`, expr ?? '', `${titleFormat} ${textFormat}`] as const,
    ),
    ...variablesOf(dashboard).flatMap(({ name, query }) => {
      const [, series] = /^label_values\((.*), \w+\)$/.exec(String(query)) ?? [];
      return series === undefined ? [] : [[`variable ${name}`, series, ''] as const];
    }),
  ];
  return all.map(([where, expr, legend]) => {
    const text = checkable(expr, dashboard);
    return { where, expr: text, legend, selectors: selectorsIn(text) ?? [] };
  });
}

/** @param inPanels a rule of graphs alone: an annotation asks for moments, also with a counter as it is */
function selectorRule(wrong: (selector: Selector) => string | undefined, inPanels = false): Rule {
  return (dashboard) =>
    expressionsOf(dashboard).flatMap(({ where, selectors }) =>
      (inPanels && where.startsWith('annotation ') ? [] : selectors).flatMap((selector) => {
        const schemaIssue = wrong(selector);
        return schemaIssue === undefined ? [] : [`${where}: ${selector.name}: ${schemaIssue}`];
      }),
    );
}

function panelRule(wrong: (panel: Panel) => string | undefined | false): Rule {
  return (dashboard) =>
    panelsOf(dashboard).flatMap((panel) => {
      const schemaIssue = wrong(panel);
      return schemaIssue ? [`${dashboard.uid} / ${panel.title}: ${schemaIssue}`] : [];
    });
}

function variableRule(name: string, label: string): Rule {
  return (dashboard) => {
    const variable = variablesOf(dashboard).find((v) => v.name === name);
    if (variable === undefined) return [`there is no variable ${name}`];
    return [
      variable.type !== 'query' && 'is not made by a query',
      !DATASOURCES.includes(variable.datasource?.uid ?? '') && 'does not use the datasource variable',
      variable.label !== label && `is not labelled ${label}`,
      variable.multi !== true && 'takes only one value',
      variable.includeAll !== true && 'has no All',
      variable.allValue !== '.+' && 'does not stand for .+ when all are chosen',
    ].flatMap((wrong) => (wrong ? [`variable ${name} ${wrong}`] : []));
  };
}

/** Matchers that every selector of soakd's own series has; alerts and hosts are found otherwise. */
function chosenBy(label: 'job' | 'instance'): Rule {
  return selectorRule(({ name, matchers }) => {
    const of = matchers.find((m) => m.label === label);
    if (/^node_/.test(name) || name === 'ALERTS') {
      if (label === 'instance' || matchers.some((m) => m.value === 'Watchdog')) return undefined;
      return of === undefined ? 'no matcher for job' : undefined;
    }
    if (name === METRICS.buildInfo.name && matchers.every((m) => m.label !== 'instance')) return undefined;
    return of?.op === '=~' && of.value === `<${label}>` ? undefined : `not matched with $${label}`;
  });
}

const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  ALERTS: ['alertname', 'alertstate', 'severity', 'target'],
  up: [],
  nodejs_gc_duration_seconds: ['kind'],
};
const OF_HOST = ['cpu', 'mode', 'device', 'target'];
const PARTS = /_(bucket|sum|count)$/;

/** @returns labels that a metric has besides job and instance; `undefined` where there is no such metric */
function labelsOf(name: string): readonly string[] | undefined {
  const base = name.replace(PARTS, '');
  const foreign = FOREIGN[name] ?? FOREIGN[base];
  if (foreign !== undefined) return foreign;
  if (/^(process|nodejs)_/.test(name)) return [];
  if (/^node_/.test(name)) return OF_HOST;
  const own = Object.values(METRICS).find((m) => m.name === (m.type === 'histogram' ? base : name));
  if (own === undefined || (own.type === 'histogram' && base === name)) return undefined;
  return [...own.labels, ...(name.endsWith('_bucket') ? ['le'] : [])];
}

/** Those of grafana/dashboard-linter, by the names that it gives them; then those of our own. */
export const RULES: Readonly<Record<string, Rule>> = {
  'template-datasource-rule': (dashboard) => {
    const found = variablesOf(dashboard).filter(({ type }) => type === 'datasource');
    const [only] = found;
    const right = found.length === 1 && only?.name === 'datasource' && only.label === 'Data source';
    return right && only.query === 'prometheus' ? [] : ['no variable datasource, labelled Data source'];
  },
  'template-job-rule': variableRule('job', 'Job'),
  'template-instance-rule': variableRule('instance', 'Instance'),
  'template-label-promql-rule': (dashboard) =>
    variablesOf(dashboard)
      .filter(({ type, query }) => type === 'query' && !/^label_values\(.*, \w+\)$/.test(String(query)))
      .map(({ name }) => `variable ${name} is not made by label_values`),
  'template-on-time-change-reload-rule': (dashboard) =>
    variablesOf(dashboard)
      .filter(({ type, refresh }) => type === 'query' && refresh !== 2)
      .map(({ name }) => `variable ${name} is not asked for anew when the time changes`),
  'panel-datasource-rule': panelRule(
    ({ datasource }) =>
      !DATASOURCES.includes(datasource?.uid ?? '') && 'does not use the datasource variable',
  ),
  'panel-title-description-rule': panelRule(
    ({ title, description }) => (!title || !description) && 'no title or no description',
  ),
  'panel-units-rule': panelRule(({ fieldConfig }) => {
    const unit = fieldConfig?.defaults.unit;
    return !(Object.values(units) as unknown[]).includes(unit) && `${unit} is no unit`;
  }),
  'panel-no-targets-rule': panelRule(({ targets = [] }) => targets.length === 0 && 'asks for nothing'),
  'target-promql-rule': (dashboard) =>
    expressionsOf(dashboard)
      .filter(({ expr }) => selectorsIn(expr) === undefined || /\$/.test(expr))
      .map(({ where, expr }) => `${where}: no PromQL: ${expr}`),
  'target-rate-interval-rule': selectorRule(
    ({ range }) => (range === undefined || range === RATE_INTERVAL ? undefined : `a range of ${range}`),
    true,
  ),
  'target-job-rule': chosenBy('job'),
  'target-instance-rule': chosenBy('instance'),
  'target-counter-agg-rule': selectorRule(
    ({ name, takenBy = '' }) =>
      /_(total|bucket|sum|count)$/.test(name) && !['rate', 'increase'].includes(takenBy)
        ? 'a counter without rate or increase'
        : undefined,
    true,
  ),
  'uneditable-dashboard': ({ editable }) => (editable === false ? [] : ['can be edited']),

  'a metric that exists': selectorRule(({ name }) =>
    labelsOf(name) === undefined ? 'no such metric' : undefined,
  ),
  'labels that it has': selectorRule(({ name, matchers }) => {
    const known = [...(labelsOf(name) ?? []), 'job', 'instance'];
    const wrong = matchers.filter(({ label }) => !known.includes(label)).map(({ label }) => label);
    return wrong.length === 0 || labelsOf(name) === undefined ? undefined : `no label ${wrong.join(', ')}`;
  }),
  'labels that something has': (dashboard) =>
    expressionsOf(dashboard).flatMap(({ where, expr, legend, selectors }) => {
      const known = new Set(selectors.flatMap(({ name }) => [...(labelsOf(name) ?? []), 'job', 'instance']));
      for (const [, made] of expr.matchAll(/label_replace\(.*?, "(\w+)", "/g)) known.add(made!);
      const used = [...groupedBy(expr), ...[...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)];
      return used
        .filter((label) => !known.has(label))
        .map((label) => `${where}: nothing has a label ${label}`);
    }),
  'what Grafana needs': ({ uid, title, schemaVersion, tags, panels = [] }) => {
    const ids = panels.map(({ id }) => id);
    return [
      !/^[a-z-]{8,40}$/.test(uid ?? '') && `uid ${uid}`,
      !title && 'no title',
      schemaVersion < 36 && `schemaVersion ${schemaVersion}`,
      !tags?.includes('soak') && 'no tag by which the others find it',
      ids.some((id) => !Number.isInteger(id)) && 'a panel without a number',
      new Set(ids).size !== ids.length && 'two panels with one number',
    ].flatMap((wrong) => (wrong ? [wrong] : []));
  },
  'a place of its own': ({ panels = [] }) => {
    const taken = new Map<string, string>();
    return panels.flatMap(({ title, gridPos }) => {
      if (gridPos === undefined || gridPos.x + gridPos.w > 24) return [`${title}: no place in the grid`];
      const cells = Array.from(
        { length: gridPos.w * gridPos.h },
        (_, i) => `${gridPos.x + (i % gridPos.w)},${gridPos.y + Math.floor(i / gridPos.w)}`,
      );
      const other = cells.map((cell) => taken.get(cell)).find((there) => there !== undefined);
      for (const cell of cells) taken.set(cell, title ?? '');
      return other === undefined ? [] : [`${title}: lies on ${other}`];
    });
  },
  'queries of a panel have names of their own': (dashboard) =>
    panelsOf(dashboard).flatMap((panel) => {
      const names = queriesOf({ ...dashboard, panels: [panel] }).map(({ query }) => query.refId);
      const right =
        names.every((name) => /^[A-Z]+$/.test(name ?? '')) && new Set(names).size === names.length;
      return right ? [] : [`${panel.title}: refIds ${names}`];
    }),
  'says what to do': panelRule(
    ({ description = '' }) =>
      !description.includes('What to do') && !/what to do/.test(description) && 'nothing to do',
  ),
  'legends are shown': panelRule(
    ({ options }) => options?.legend?.showLegend === false && 'a legend that is hidden',
  ),
};

/** @returns everything that is wrong, with the name of the rule */
export function lint(dashboard: Dashboard): string[] {
  return Object.entries(RULES).flatMap(([name, rule]) => rule(dashboard).map((wrong) => `${name}: ${wrong}`));
}
