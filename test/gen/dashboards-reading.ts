import type {
  AnnotationQuery,
  Dashboard,
  Panel,
  VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus';

/** One query of a panel, as Grafana would send it. */
export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: Panel;
  readonly query: Dataquery;
  /** `dashboard / panel / refId`, for messages. */
  readonly where: string;
}

/** @returns a dashboard as it is in its file */
export function readDashboard(json: string): Dashboard {
  return JSON.parse(json) as Dashboard;
}

/** @returns panels other than rows */
export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.filter((panel): panel is Panel => panel.type !== 'row');
}

export function queriesOf(dashboard: Dashboard): PanelQuery[] {
  return panelsOf(dashboard).flatMap((panel) =>
    ((panel.targets ?? []) as Dataquery[]).map((query) => ({
      dashboard: dashboard.uid!,
      panel,
      query,
      where: `${dashboard.uid} / ${panel.title} / ${query.refId}`,
    })),
  );
}

export function variablesOf({ templating }: Dashboard): VariableModel[] {
  return templating.list ?? [];
}

export function annotationsOf({ annotations }: Dashboard): AnnotationQuery[] {
  return annotations.list ?? [];
}

export interface Filling {
  /** Values of variables by name, as they stand in the query. */
  readonly variables: Readonly<Record<string, string>>;
  /** How long a pixel is where the panel sets no least interval, s. */
  readonly intervalSeconds: number;
  /** How often soakd is scraped, s. */
  readonly scrapeSeconds: number;
}

/** @returns PromQL with variables filled in as Grafana does; an unknown one stays */
export function filledIn(
  expr: string,
  { panel, query }: { panel?: Panel; query?: Dataquery },
  { variables, intervalSeconds, scrapeSeconds }: Filling,
): string {
  const interval = Math.max(intervalSeconds, secondsOf(panel?.interval));
  const scrape = query?.interval === undefined ? scrapeSeconds : secondsOf(query.interval);
  const known: Record<string, string> = {
    ...variables,
    __interval: `${interval}s`,
    __rate_interval: `${Math.max(interval + scrape, 4 * scrape)}s`,
  };
  return expr.replaceAll(/\$(\w+)|\$\{(\w+)\}/g, (match, plain, braced) => known[plain ?? braced] ?? match);
}

function secondsOf(duration: string | undefined): number {
  if (duration === undefined) return 0;
  const [, count, unit] = /^(\d+)([sm])$/.exec(duration) ?? [];
  if (count === undefined) throw new Error(`found an interval of ${duration}, expected seconds or minutes`);
  return Number(count) * (unit === 'm' ? 60 : 1);
}
