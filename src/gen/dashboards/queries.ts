import {
  type Dataquery,
  defaultDataquery,
  PromQueryFormat,
  QueryEditorMode,
} from '@grafana/grafana-foundation-sdk/prometheus';
import type { PanelSpec } from './panel-spec.ts';
import { withRefIds } from './sdk-gaps.ts';

/** Variable that selects the Prometheus, so that a dashboard can be imported unchanged. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** Kinds of panel that show one moment instead of a course over time. */
const INSTANT: readonly PanelSpec['kind'][] = ['stat', 'table'];

/** Returns the queries of a panel, named A, B, … */
export function queriesOf({ kind, queries, scrapeSeconds }: PanelSpec): Dataquery[] {
  const instant = INSTANT.includes(kind);
  return withRefIds(
    queries.map(({ expr, legend }) => ({
      ...defaultDataquery(),
      datasource: DATASOURCE,
      editorMode: QueryEditorMode.Code,
      expr,
      format: FORMATS[kind],
      instant,
      range: !instant,
      legendFormat: legend,
      ...(scrapeSeconds === undefined ? {} : { interval: `${scrapeSeconds}s` }),
    })),
  );
}

const FORMATS: Readonly<Record<PanelSpec['kind'], PromQueryFormat>> = {
  stat: PromQueryFormat.TimeSeries,
  lines: PromQueryFormat.TimeSeries,
  heatmap: PromQueryFormat.Heatmap,
  timeline: PromQueryFormat.TimeSeries,
  table: PromQueryFormat.Table,
};
