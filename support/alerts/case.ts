/**
 * What each alert is tried in. Every alert has a case for each of them; the firing set, with all labels, is what is
 * expected at the times that are named.
 */
export const STATES = [
  'healthy',
  'total outage, no success ever exported',
  'low traffic',
  'no traffic',
  'no run',
  'run just started',
  'service restarted mid-window',
  'one of several targets bad',
  'several instances',
] as const;
export type State = (typeof STATES)[number];

/** A series and its samples, one a minute from 0 on, as promtool writes them: `0+30x60`, `1x10 0x20`, `_` for none. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly values: string;
}

/** Labels of an alert besides its name. */
export type Firing = Readonly<Record<string, string>>;

/** From when on an alert fires, and at how many evaluations up to the end. */
interface Span {
  readonly labels: Firing;
  readonly firstS: number;
  readonly evaluations: number;
}

export interface Case {
  readonly series: readonly Series[];
  /** Everything of this alert that fires, by time. */
  readonly at?: Readonly<Record<string, readonly Firing[]>>;
  /** Nothing of this alert fires at any time up to this one. */
  readonly silentUntil?: string;
  /** Everything of this alert that fires up to a time, s: to the evaluation. */
  readonly spans?: { readonly untilS: number; readonly everyS: number; readonly firing: readonly Span[] };
  /** Alerts that fire, with their summaries, by time. */
  readonly says?: Readonly<Record<string, readonly (readonly [Firing, summary: string])[]>>;
}

/** Tests of one alert that are evaluated alike. */
export interface AlertSuite {
  readonly alert: string;
  /** Groups of rules that it needs, in the order in which they are to be evaluated. */
  readonly rules: readonly string[];
  /** Whether its rules are those of a configuration with `LIMITS`: by default it is off. */
  readonly limits?: boolean;
  /** Where minutes would be too many. */
  readonly every?: string;
  /** How often its series have a sample; by default every minute. */
  readonly sampled?: string;
  /** By what they show. */
  readonly tests: Readonly<Record<string, Case>>;
}

/** The states and more in which an alert is tried. */
export interface AlertCases extends Omit<AlertSuite, 'tests'> {
  readonly states: Readonly<Record<State, Case>>;
  /** When it fires and ends, limits, guards; by what it shows. */
  readonly more: Readonly<Record<string, Case>>;
}
