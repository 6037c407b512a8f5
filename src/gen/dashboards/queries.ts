import {
  type Dataquery,
  defaultDataquery,
  PromQueryFormat,
  QueryEditorMode,
} from '@grafana/grafana-foundation-sdk/prometheus';
import type { PanelSpec } from './panel-spec.ts';
import { withRefIds } from './sdk-gaps.ts';

/** The variable that a user chooses the Prometheus with: so a dashboard can be imported as it is. */
export const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

/** Figures that are of one moment, and not a course in time. */
const INSTANT: readonly PanelSpec['kind'][] = ['stat', 'table'];

/** @returns the queries of a panel, named A, B, … */
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
