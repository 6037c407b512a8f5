/**
 * A document of sections, independent of its format. Texts are plain: each renderer escapes what it needs. Texts may hold
 * hostile names of targets and scenarios.
 */
export interface Document {
  readonly title: string;
  /** Lines below the title: what was run, when, by which version. */
  readonly subtitle: readonly string[];
  readonly sections: readonly Section[];
}

/** A section with its content, or the reason why it is left out. */
export type Section = {
  /** Name of its anchor and of its key in JSON. */
  readonly id: string;
  readonly title: string;
} & ({ readonly blocks: readonly Block[]; readonly values: unknown } | { readonly omitted: string });

export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'heading'; readonly text: string }
  /** A verdict or a grade, with its text. */
  | { readonly kind: 'badge'; readonly tone: Tone; readonly label: string; readonly text: string }
  | Table
  | { readonly kind: 'plot'; readonly plot: Plot }
  /** Lines to copy: commands, configuration. */
  | { readonly kind: 'code'; readonly text: string };

export type Tone = 'good' | 'warning' | 'bad' | 'unknown';

export interface Table {
  readonly kind: 'table';
  /** What the rows are, over which time, and what a cell means. */
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly align: 'left' | 'right' }[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Text of a cell, or the text and its tone. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

/** A plot of numbers over time or over the load. */
export interface Plot {
  /** Unique in a document. */
  readonly id: string;
  readonly title: string;
  /** What the plot shows, in a sentence with its numbers: for readers who do not see it. */
  readonly text: string;
  /** `time`: ms since 1970, shown in UTC. */
  readonly x: { readonly label: string; readonly kind: 'time' | 'number' };
  /** `from`, `to`: ends of the axis; absent: as the values need. */
  readonly y: { readonly label: string; readonly from?: number; readonly to?: number };
  readonly series: readonly {
    readonly name: string;
    /** `null`: nothing was observed there; the line has a gap. */
    readonly points: readonly (readonly [x: number, y: number | null])[];
  }[];
  /** Names that belong to the plot and have no line, each with the reason. */
  readonly without: readonly { readonly name: string; readonly reason: string }[];
  /** Horizontal lines: limits. */
  readonly limits: readonly { readonly y: number; readonly label: string }[];
  /** Times or loads that are marked: gaps, outages, unreliable windows. */
  readonly bands: readonly {
    readonly from: number;
    readonly to: number;
    readonly label: string;
    readonly tone: Tone;
  }[];
  /** Vertical lines: events. */
  readonly marks: readonly { readonly x: number; readonly label: string }[];
}
