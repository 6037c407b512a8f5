/** Specification of panels; panels.ts turns it into panels of Grafana. */

export interface Query {
  readonly expr: string;
  /** Name of its series, with `{{label}}`; of a table: the heading of its column. */
  readonly legend: string;
  /** Drawn as a dashed line of this colour. */
  readonly dashed?: string;
}

/** A colour from a value on; `null`: from below all others. */
export interface Step {
  readonly value: number | null;
  readonly colour: string;
}

/** Text in place of a number. */
interface Text {
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

interface Common {
  readonly title: string;
  /** What it shows, and what to do. */
  readonly description: string;
  /** Unit as Grafana names it, e.g. `s`, `percentunit`. */
  readonly unit: string;
  /** At least one. */
  readonly queries: readonly Query[];
  readonly decimals?: number;
  readonly texts?: readonly Text[];
  /** Text without any series. */
  readonly noValue?: string;
  /** Width relative to the other panels of its row; default 1. */
  readonly width?: number;
  /** Scrape interval of its series, s, where it is longer than that of soakd. */
  readonly scrapeSeconds?: number;
}

/** A single value over the last five minutes. */
export interface StatSpec extends Common {
  readonly kind: 'stat';
  readonly colours: readonly Step[];
  /** Whether the name of the series is shown: that of the worst target. */
  readonly named?: boolean;
}

export interface LinesSpec extends Common {
  readonly kind: 'lines';
  readonly stacked?: boolean;
  /** The axis begins where the lines do; otherwise at 0. */
  readonly isOpenBelow?: true;
  readonly max?: number;
  readonly softMin?: number;
  readonly softMax?: number;
  /** Lines across. */
  readonly limits?: readonly Step[];
  /** Fixed colours by name of a series. */
  readonly colours?: Readonly<Record<string, string>>;
  /** Many series: the legend is a table at the right. */
  readonly many?: boolean;
}

/** Buckets of a histogram over time. */
export interface HeatmapSpec extends Common {
  readonly kind: 'heatmap';
}

/** States over time, a row for each series; `texts` name the states. */
export interface TimelineSpec extends Common {
  readonly kind: 'timeline';
}

interface Column {
  readonly unit?: string;
  readonly decimals?: number;
  readonly colours?: readonly Step[];
}

/** One row for each value of a label, one column for each query. */
export interface TableSpec extends Common {
  readonly kind: 'table';
  /** The label that makes the rows, and the heading of its column. */
  readonly rows: { readonly label: string; readonly heading: string; readonly link?: Link };
  readonly columns: Readonly<Record<string, Column>>;
  /** Heading of the column to sort by, the largest first. */
  readonly sortBy: string;
}

interface Link {
  readonly title: string;
  readonly url: string;
}

export type PanelSpec = StatSpec | LinesSpec | HeatmapSpec | TimelineSpec | TableSpec;

/** Panels side by side. */
export interface Band {
  /** In rows of Grafana's grid, about 30 pixels each. */
  readonly height: number;
  readonly panels: readonly PanelSpec[];
}

/** Bands under a heading. */
export interface Section {
  readonly heading: string;
  readonly bands: readonly Band[];
}
