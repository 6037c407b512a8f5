import type {
  AnnotationQuery,
  Dashboard,
  DashboardLink,
  Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

/**
 * Settings that version 0.0.21 of the SDK leaves out or sets otherwise than Grafana's own editor does. Without these,
 * queries without a `refId` hide one another, panels without an `id` cannot be linked to, legends are hidden, viewers
 * can edit the generated panels, and links and annotations are hidden in a menu.
 */

/** @param index of a query in its panel, from 0 @returns its name there: A, B, … */
export function refIdOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : refIdOf(Math.floor(index / 26) - 1) + letter;
}

/** Names queries that have no name. */
export function withRefIds(queries: readonly Dataquery[]): Dataquery[] {
  return queries.map((query, i) => ({ ...query, refId: query.refId ?? refIdOf(i) }));
}

/** Numbers panels, those in rows included, and shows legends without a setting. */
export function completePanels(dashboard: Dashboard): Dashboard {
  let id = 0;
  const panels = (dashboard.panels ?? []).map((panel) => {
    id++;
    return panel.type === 'row' ? { ...panel, id } : withLegend({ ...(panel as Panel), id });
  });
  return { ...dashboard, editable: false, panels };
}

function withLegend(panel: Panel): Panel {
  const { options } = panel;
  if (options?.legend === undefined || !('showLegend' in options.legend)) return panel;
  return { ...panel, options: { ...options, legend: { ...options.legend, showLegend: true } } };
}

/** Shows a link or an annotation above the panels. */
export function inTheOpen<T extends DashboardLink | AnnotationQuery>(item: T): Omit<T, 'placement'> {
  const { placement: _menu, ...rest } = item;
  return rest;
}
