import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { defaultRowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { isAnswerable } from './coming.ts';
import type { PanelSpec, Section } from './panel-spec.ts';
import { panelOf } from './panels.ts';

/** Of Grafana's grid. */
const COLUMNS = 24;

/**
 * Places panels: bands below one another, the panels of a band side by side over the whole width. What cannot be
 * answered is left out, and the others take its place.
 */
export function placed(
  sections: readonly Section[],
  measured: (metric: string) => boolean,
): (Panel | RowPanel)[] {
  const panels: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const { heading, bands } of sections) {
    const filled = bands
      .map(({ height, panels }) => ({ height, panels: panels.flatMap((p) => answerable(p, measured)) }))
      .filter((band) => band.panels.length > 0);
    if (filled.length === 0) continue;
    panels.push({ ...defaultRowPanel(), title: heading, gridPos: { h: 1, w: COLUMNS, x: 0, y } });
    y++;
    for (const { height, panels: specs } of filled) {
      for (const [i, { x, w }] of widths(specs).entries()) {
        panels.push({ ...panelOf(specs[i]!), gridPos: { h: height, w, x, y } });
      }
      y += height;
    }
  }
  return panels;
}

/** @returns the panel with the queries that can be answered; nothing where the first, for which it is there, cannot be */
function answerable(spec: PanelSpec, measured: (metric: string) => boolean): PanelSpec[] {
  const queries = spec.queries.filter(({ expr }) => isAnswerable(expr, measured));
  return queries[0] === spec.queries[0] ? [{ ...spec, queries }] : [];
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
