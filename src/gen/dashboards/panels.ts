import {
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DynamicConfigValue,
  FieldColorModeId,
  type FieldConfigSource,
  MappingType,
  type Panel,
  SpecialValueMatch,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import {
  CellValuesBuilder,
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { thresholdsOf } from './colours.ts';
import type { HeatmapSpec, LinesSpec, PanelSpec, StatSpec, Step } from './panel-spec.ts';
import { DATASOURCE, queriesOf } from './queries.ts';
import { refIdOf } from './sdk-gaps.ts';
import { tablePanel } from './table-panel.ts';

/** @returns a panel without its place and number */
export function panelOf(spec: PanelSpec): Panel {
  const panel = build(spec);
  const { defaults, overrides } = panel.fieldConfig as FieldConfigSource;
  return {
    ...panel,
    title: spec.title,
    description: spec.description,
    datasource: DATASOURCE,
    targets: queriesOf(spec),
    fieldConfig: {
      defaults: {
        ...defaults,
        unit: spec.unit,
        mappings: mappingsOf(spec),
        ...(spec.decimals === undefined ? {} : { decimals: spec.decimals }),
        noValue: spec.noValue ?? '–',
      },
      overrides,
    },
  };
}

function build(spec: PanelSpec): Panel {
  switch (spec.kind) {
    case 'stat':
      return statPanel(spec);
    case 'lines':
      return linesPanel(spec);
    case 'heatmap':
      return heatmapPanel(spec);
    case 'timeline':
      return timelinePanel();
    case 'table':
      return tablePanel(spec);
  }
}

/** Maps the absence of streams to a dash without the colour of a limit. */
function mappingsOf({ texts = [] }: PanelSpec): ValueMapping[] {
  const none = { match: SpecialValueMatch.NullAndNan, result: { text: '–', color: 'text' } };
  const named = texts.map(({ value, text, colour }, index) => [
    String(value),
    { text, color: colour, index },
  ]);
  return [
    ...(texts.length === 0
      ? []
      : [{ type: MappingType.ValueToText as const, options: Object.fromEntries(named) }]),
    { type: MappingType.SpecialValue, options: none },
  ];
}

function statPanel({ colours, named, queries }: StatSpec): Panel {
  const panel = new StatBuilder()
    .graphMode(BigValueGraphMode.None)
    .textMode(named || queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .colorScheme({ build: () => ({ mode: FieldColorModeId.Thresholds }) })
    .thresholds({ build: () => thresholdsOf(colours) })
    // An interval of five minutes whatever time is shown: as long as the windows of the thresholds.
    .interval('5m')
    .maxDataPoints(10_000);
  return panel.build();
}

const TRANSPARENT: Step = { value: null, colour: 'transparent' };

function linesPanel(spec: LinesSpec): Panel {
  const { stacked = false, limits = [], colours = {}, many = false, queries } = spec;
  const panel = new LinesBuilder()
    .lineWidth(stacked ? 0 : 1)
    .fillOpacity(stacked ? 60 : 5)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None).group('A'))
    .colorScheme({ build: () => ({ mode: FieldColorModeId.PaletteClassicByName }) })
    .thresholds({ build: () => thresholdsOf([TRANSPARENT, ...limits]) })
    .thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(
        limits.length === 0 ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Dashed,
      ),
    )
    .tooltip(
      new VizTooltipOptionsBuilder()
        .mode(TooltipDisplayMode.Multi)
        .sort(SortOrder.Descending)
        .hideZeros(many),
    )
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(many ? LegendDisplayMode.Table : LegendDisplayMode.List)
        .placement(many ? LegendPlacement.Right : LegendPlacement.Bottom)
        .calcs(many ? ['lastNotNull', 'max'] : ['lastNotNull']),
    );
  if (spec.min !== undefined) panel.min(spec.min);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.softMin !== undefined) panel.axisSoftMin(spec.softMin);
  if (spec.softMax !== undefined) panel.axisSoftMax(spec.softMax);
  queries.forEach(({ dashed }, i) => {
    if (dashed !== undefined) panel.overrideByQuery(refIdOf(i), dashedLine(dashed));
  });
  // Last, so that named series override the settings of a query.
  for (const [name, colour] of Object.entries(colours)) panel.overrideByName(name, [fixed(colour)]);
  return panel.build();
}

function fixed(colour: string): DynamicConfigValue {
  return { id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor: colour } };
}

function dashedLine(colour: string): DynamicConfigValue[] {
  return [
    fixed(colour),
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.stacking', value: { mode: StackingMode.None, group: 'limits' } },
    { id: 'custom.lineWidth', value: 1 },
  ];
}

function heatmapPanel({ unit }: HeatmapSpec): Panel {
  return new HeatmapBuilder()
    .calculate(false)
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('Oranges')
        .fill('dark-orange')
        .exponent(0.5)
        .steps(64)
        .reverse(false),
    )
    .cellValues(new CellValuesBuilder().unit('reqps'))
    .yAxis(new YAxisConfigBuilder().unit(unit))
    .build();
}

function timelinePanel(): Panel {
  return new TimelineBuilder()
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .fillOpacity(80)
    .colorScheme({ build: () => ({ mode: FieldColorModeId.Thresholds }) })
    .thresholds({ build: () => thresholdsOf([{ value: null, colour: 'text' }]) })
    .build();
}
