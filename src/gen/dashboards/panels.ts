import type * as sdk from '@grafana/grafana-foundation-sdk/dashboard';
import type { HeatmapSpec, LinesSpec, PanelSpec, StatSpec, Step, TableSpec } from './panel-spec.ts';

/**
 * A type of Grafana's SDK with the values of its enums in place of the enums. The SDK checks types alone: its code takes
 * 11 MB, and its builders leave out what Grafana needs (`refId`, `id`, `showLegend`).
 */
export type Plain<T> = T extends string
  ? `${T}`
  : T extends number
    ? number
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;

type Panel = Plain<sdk.Panel>;
type Property = sdk.DynamicConfigValue;
/** What a kind of panel has of its own. */
interface Kind extends Pick<Panel, 'type' | 'options'> {
  readonly defaults?: Partial<Plain<sdk.FieldConfig>>;
  readonly overrides?: readonly Override[];
  readonly more?: Partial<Panel>;
}

interface Override {
  readonly matcher: { readonly id: 'byName' | 'byFrameRefID'; readonly options: string };
  readonly properties: Property[];
}

/** Variable that selects the Prometheus, so that a dashboard can be imported unchanged. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** @returns a panel without its place and number */
export function panelOf(spec: PanelSpec): Panel {
  const { type, options, defaults = {}, overrides = [], more } = kindOf(spec);
  return {
    type,
    transparent: false,
    repeatDirection: 'h',
    options,
    fieldConfig: {
      defaults: {
        ...defaults,
        unit: spec.unit,
        mappings: mappingsOf(spec),
        decimals: spec.decimals,
        noValue: spec.noValue ?? '–',
      },
      overrides: overrides as Override[],
    },
    ...more,
    title: spec.title,
    description: spec.description,
    datasource: DATASOURCE,
    targets: queriesOf(spec) as never,
  };
}

function kindOf(spec: PanelSpec): Kind {
  switch (spec.kind) {
    case 'stat':
      return statPanel(spec);
    case 'lines':
      return linesPanel(spec);
    case 'heatmap':
      return heatmapPanel(spec);
    case 'timeline':
      return TIMELINE;
    case 'table':
      return tablePanel(spec);
  }
}

/** Returns the queries of a panel, named A, B, …: queries without a name hide one another. */
function queriesOf({ kind, queries, scrapeSeconds }: PanelSpec): object[] {
  // Kinds of panel that show one moment instead of a course over time.
  const instant = kind === 'stat' || kind === 'table';
  return queries.map(({ expr, legend }, i) => ({
    expr,
    datasource: DATASOURCE,
    editorMode: 'code',
    format: kind === 'table' || kind === 'heatmap' ? kind : 'time_series',
    instant,
    range: !instant,
    legendFormat: legend,
    ...(scrapeSeconds === undefined ? {} : { interval: `${scrapeSeconds}s` }),
    refId: refIdOf(i),
  }));
}

/** @param index of a query in its panel, from 0 */
export function refIdOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : refIdOf(Math.floor(index / 26) - 1) + letter;
}

/** Maps the absence of streams to a dash without the colour of a limit. */
function mappingsOf({ texts = [] }: PanelSpec): Plain<sdk.ValueMapping>[] {
  const none = { match: 'null+nan', result: { text: '–', color: 'text' } } as const;
  const named = texts.map(({ value, text, colour }, index) => [
    String(value),
    { text, color: colour, index },
  ]);
  return [
    ...(texts.length === 0 ? [] : [{ type: 'value' as const, options: Object.fromEntries(named) }]),
    { type: 'special', options: none },
  ];
}

/** @param steps ascending; the value of the first is `null`: from below all others */
function thresholdsOf(steps: readonly Step[]): Plain<sdk.ThresholdsConfig> {
  return { mode: 'absolute', steps: steps.map(({ value, colour }) => ({ value, color: colour })) };
}

/** Colours by value. */
function coloured(steps: readonly Step[]) {
  return { color: { mode: 'thresholds' }, thresholds: thresholdsOf(steps) } as const;
}

const UNCOLOURED = coloured([{ value: null, colour: 'text' }]);

function statPanel({ colours, named, queries }: StatSpec): Kind {
  return {
    type: 'stat',
    options: {
      graphMode: 'none',
      colorMode: 'value',
      justifyMode: 'auto',
      textMode: named || queries.length > 1 ? 'value_and_name' : 'value',
      wideLayout: true,
      showPercentChange: false,
      reduceOptions: { calcs: ['lastNotNull'], values: false, fields: '' },
      percentChangeColorMode: 'standard',
      orientation: 'auto',
    },
    defaults: coloured(colours),
    // An interval of five minutes whatever time is shown: as long as the windows of the thresholds.
    more: { interval: '5m', maxDataPoints: 10_000 },
  };
}

function linesPanel(spec: LinesSpec): Kind {
  const { stacked = false, limits = [], colours = {}, many = false, queries } = spec;
  return {
    type: 'timeseries',
    options: {
      legend: {
        displayMode: many ? 'table' : 'list',
        placement: many ? 'right' : 'bottom',
        showLegend: true,
        calcs: many ? ['lastNotNull', 'max'] : ['lastNotNull'],
      },
      tooltip: { mode: 'multi', sort: 'desc', hideZeros: many },
    },
    defaults: {
      custom: {
        lineWidth: stacked ? 0 : 1,
        fillOpacity: stacked ? 60 : 5,
        showPoints: 'auto',
        spanNulls: false,
        stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
        thresholdsStyle: { mode: limits.length === 0 ? 'off' : 'dashed' },
        axisSoftMin: spec.softMin,
        axisSoftMax: spec.softMax,
      },
      color: { mode: 'palette-classic-by-name' },
      thresholds: thresholdsOf([{ value: null, colour: 'transparent' }, ...limits]),
      min: spec.isOpenBelow === true ? undefined : 0,
      max: spec.max,
    },
    overrides: [
      ...queries.flatMap(({ dashed }, i) =>
        dashed === undefined ? [] : [override('byFrameRefID', refIdOf(i), dashedLine(dashed))],
      ),
      // Last, so that named series override the settings of a query.
      ...Object.entries(colours).map(([name, colour]) => override('byName', name, [fixed(colour)])),
    ],
  };
}

function override(id: Override['matcher']['id'], options: string, properties: Property[]): Override {
  return { matcher: { id, options }, properties };
}

function fixed(colour: string): Property {
  return { id: 'color', value: { mode: 'fixed', fixedColor: colour } };
}

function dashedLine(colour: string): Property[] {
  return [
    fixed(colour),
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.stacking', value: { mode: 'none', group: 'limits' } },
    { id: 'custom.lineWidth', value: 1 },
  ];
}

function heatmapPanel({ unit }: HeatmapSpec): Kind {
  return {
    type: 'heatmap',
    options: {
      calculate: false,
      color: {
        scheme: 'Oranges',
        fill: 'dark-orange',
        exponent: 0.5,
        steps: 64,
        reverse: false,
        mode: 'scheme',
      },
      filterValues: { le: 1e-9 },
      showValue: 'auto',
      cellGap: 1,
      yAxis: { unit },
      legend: { show: true },
      tooltip: { mode: 'single' },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
      selectionMode: 'x',
      cellValues: { unit: 'reqps' },
    },
    defaults: { custom: {} },
  };
}

const TIMELINE: Kind = {
  type: 'state-timeline',
  options: {
    showValue: 'never',
    rowHeight: 0.9,
    mergeValues: true,
    alignValue: 'left',
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: 'single', sort: 'asc' },
    perPage: 20,
  },
  defaults: { custom: { lineWidth: 0, fillOpacity: 80 }, ...UNCOLOURED },
};

/** A table of several instant queries: one row for each value of a label, one column for each query. */
function tablePanel({ rows, columns, queries, sortBy }: TableSpec): Kind {
  const first: Property[] = [{ id: 'unit', value: 'string' }];
  if (rows.link !== undefined) first.push({ id: 'links', value: [{ ...rows.link, targetBlank: false }] });
  const value = (i: number): string => `Value #${refIdOf(i)}`;
  return {
    type: 'table',
    options: {
      frameIndex: 0,
      showHeader: true,
      showTypeIcons: false,
      footer: { show: false, reducer: [], countRows: false },
      cellHeight: 'sm',
      sortBy: [{ displayName: sortBy, desc: true }],
    },
    defaults: { custom: { align: 'auto', inspect: false }, ...UNCOLOURED },
    overrides: [
      override('byName', rows.heading, first),
      ...Object.entries(columns).map(([heading, { unit, decimals, colours }]) =>
        override('byName', heading, [
          ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
          ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
          ...(colours === undefined
            ? []
            : [
                { id: 'thresholds', value: thresholdsOf(colours) },
                { id: 'custom.cellOptions', value: { type: 'color-text' } },
              ]),
        ]),
      ),
    ],
    // Instant queries share their time, so that rows merge by label; then the time is of no use.
    more: {
      transformations: [
        { id: 'merge', options: {} },
        {
          id: 'organize',
          options: {
            excludeByName: { Time: true },
            indexByName: Object.fromEntries([
              [rows.label, 0],
              ...queries.map((_, i) => [value(i), i + 1] as const),
            ]),
            renameByName: Object.fromEntries([
              [rows.label, rows.heading],
              ...queries.map(({ legend }, i) => [value(i), legend] as const),
            ]),
          },
        },
      ],
    },
  };
}
