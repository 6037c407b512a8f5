import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { defaultRowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelSpec, Section } from './panel-spec.ts';
import { panelOf } from './panels.ts';

/** Of Grafana's grid. */
const COLUMNS = 24;

/** Places panels: bands below one another, the panels of a band side by side over the whole width. */
export function placed(sections: readonly Section[]): (Panel | RowPanel)[] {
  const panels: (Panel | RowPanel)[] = [];
  let y = 0;
  for (const { heading, bands } of sections) {
    panels.push({ ...defaultRowPanel(), title: heading, gridPos: { h: 1, w: COLUMNS, x: 0, y } });
    y++;
    for (const { height, panels: specs } of bands) {
      for (const [i, { x, w }] of widths(specs).entries()) {
        panels.push({ ...panelOf(specs[i]!), gridPos: { h: height, w, x, y } });
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
