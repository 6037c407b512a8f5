import type { Claim } from '../analysis/contradictions.ts';
import type { Subject } from '../analysis/level-point.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { Summary } from '../schema/summary.ts';
import type { Section } from './document.ts';

/** CPU, memory and network of a target while a level was held, as its own Prometheus has them. Shares from 0 to 1. */
export interface TargetUse {
  /** Index of the level in {@link Subject.levels}. */
  readonly level: number;
  readonly cpuMean: number | null;
  readonly cpuMax: number | null;
  readonly memoryMean: number | null;
  readonly memoryMax: number | null;
  readonly receiveBytesPerSecond: number | null;
  readonly transmitBytesPerSecond: number | null;
}

/** Values of one target over time, in windows of equal length: as many as a plot can show. */
export interface TargetSeries {
  readonly target: string;
  /** One row for each window of the run, in its order; fields as columns of a window. */
  readonly rows: readonly {
    readonly fromAt: number;
    readonly toAt: number;
    /** `null` in a window that was cut short: the last one of a run or of its process. */
    readonly openMean: number | null;
    readonly successRatio: number | null;
    readonly ttfbP95: number | null;
    readonly ttftP95: number | null;
    readonly gapP95: number | null;
    readonly chunks: number;
  }[];
}

/** One run that a report is about. */
export interface ReportedRun {
  /** Short name for people: the id, or the name of a file. */
  readonly name: string;
  readonly summary: Summary;
  /** Targets of the run, in the order of the summary. */
  readonly subjects: readonly Subject[];
  /** Empty where the windows are not kept: a file of `run --json`. */
  readonly series: readonly TargetSeries[];
  /** Windows of {@link series} with unreliable timings, ms since 1970. Absent where the windows are not kept. */
  readonly unreliable?: readonly { readonly fromAt: number; readonly toAt: number }[];
  /** `null`: no Prometheus was asked, or it has nothing; `useReason` says which. */
  readonly use: Readonly<Record<string, readonly TargetUse[]>> | null;
  readonly useReason: string | null;
}

/** How the load of a table was made; `null`: not stated. */
export interface TableMethod {
  readonly network: 'loopback' | 'network' | null;
  /** Whether load and server shared one machine. */
  readonly oneMachine: boolean | null;
  /** Whether all users of a level started at once, or one after another. */
  readonly start: 'at-once' | 'spread' | null;
}

/** A table of levels that someone wrote, with the claims made from it. */
export interface ReportedTable {
  readonly name: string;
  /** File that it was read from, as it was named. */
  readonly file?: string;
  readonly subject: Subject;
  readonly claims: readonly Claim[];
  /** How the load was made, as far as the table states it. */
  readonly method?: TableMethod;
  /** What else it states, by name: server, machine, date. Hostile. */
  readonly facts?: Readonly<Record<string, string>>;
}

/** What the reader of the report wants to know besides. */
interface ReportQuestions {
  /** Users to scale out to. */
  readonly users: number | null;
  /** Price of one server per hour, in any currency. */
  readonly pricePerHour: number | null;
  readonly currency: string;
}

/** All that a report is made from. At least one run, or one table. */
export interface ReportInput {
  readonly runs: readonly ReportedRun[];
  readonly tables: readonly ReportedTable[];
  /** Each later run against the first, by windows where they are kept; absent: made from the summaries. */
  readonly comparisons?: readonly Comparison[];
  readonly questions: ReportQuestions;
  /** Version of soakd that writes the report, and the time: ISO 8601. */
  readonly version: string;
  readonly writtenAt: string;
}

/** One section: one file, and one line in `sections/list.ts`. */
export interface SectionRecord {
  readonly id: string;
  readonly title: string;
  /** Returns the content, or the reason why there is none. Pure. */
  readonly make: (input: ReportInput) => Omitted | Content;
}

export interface Omitted {
  readonly omitted: string;
}

export type Content = Pick<Extract<Section, { readonly blocks: unknown }>, 'blocks' | 'values'>;
