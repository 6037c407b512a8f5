import { peakOf, type Stage } from '../shapes/list.ts';
import type { Access, Role } from './access.ts';
import type { Distribution } from './distribution.ts';
import type { Schedule } from './schedule.ts';
import type { SecretText } from './secret-text.ts';
import type { Target, TargetThreshold } from './target.ts';

/** Closed: virtual users, each one stream at a time. Open: arrivals, independent of the target. */
export type Model =
  | { readonly kind: 'closed'; readonly thinkTimeMs: Distribution }
  | { readonly kind: 'open'; readonly arrivals: 'constant' | 'poisson'; readonly maxUsers: number };

/**
 * Limits on the use of a run; a run that reaches one drains. Streams are exact; tokens and cost are checked
 * once a second, so streams that are open then add to the limit.
 */
export interface Budget {
  readonly streams?: number;
  readonly outputTokens?: number;
  /** In the currency of the prices. */
  readonly cost?: number;
  /** For a million tokens. */
  readonly prices?: { readonly input: number; readonly output: number };
}

export interface Scenario {
  readonly name: string;
  readonly model: Model;
  readonly targets: readonly { readonly name: string; readonly weight: number }[];
  /** The whole plan; with a sequence, the stages of all turns and the pauses between them. */
  readonly stages: readonly Stage[];
  /** The targets are loaded one after another, in their order; absent: all at once. */
  readonly sequence?: { readonly pauseMs: number };
  /** How long its start is left out of verdict, drift and summary, ms; 0: nothing is. In a sequence, that of each turn. */
  readonly warmUpMs: number;
  readonly seed: number;
  readonly budget?: Budget;
  /** Overrides of a run, as a text for people: `users 50, for 1m`; absent: none. */
  readonly overrides?: string;
}

/** Returns the most streams that a scenario may have open at a time. */
export function mostUsersOf({ model, stages }: Pick<Scenario, 'model' | 'stages'>): number {
  return model.kind === 'open' ? model.maxUsers : Math.max(...stages.map(peakOf));
}

/** Hard caps that no call can exceed. */
export interface Limits {
  readonly maxUsers: number;
  /** Streams a second. */
  readonly maxRate: number;
  readonly maxDurationMs: number;
}

/** A listener for metrics and health alone, besides the main one. */
interface MetricsListener {
  readonly port: number;
  /** Absent: that of the main listener. */
  readonly host?: string;
}

/** The whole configuration: frozen, complete, checked once. */
export interface Config {
  readonly serve: {
    readonly host: string;
    readonly port: number;
    readonly start?: string;
    /** Tokens for authorization; none: every client that reaches the port is authorized. */
    readonly tokens: readonly { readonly name: string; readonly role: Role; readonly token: SecretText }[];
    readonly metrics: Access['metrics'];
    /** Absent: metrics are on the main listener alone. */
    readonly metricsListener?: MetricsListener;
  };
  readonly targets: readonly Target[];
  readonly scenarios: Readonly<Record<string, Scenario>>;
  /** Scenarios that start by themselves, in the order written. */
  readonly schedules: readonly Schedule[];
  /** Limits of thresholds that differ from the table's, for all targets. */
  readonly thresholds: readonly TargetThreshold[];
  /** Hosts that may be loaded besides loopback: names, suffixes (`.example.com`), CIDR ranges. */
  readonly allow: readonly string[];
  readonly limits: Limits;
  /** Number of engine threads; `auto`: as many as the load needs. */
  readonly workers: number | 'auto';
  /** Maximum p99 of the generator's own lag, ms; above it a window's timings are ignored. */
  readonly maxMeasurementLagMs: number;
  readonly history: HistorySettings;
}

/** What is kept of finished runs, and when an unfinished one continues. */
interface HistorySettings {
  /** Age at which a run is deleted, ms after its end. */
  readonly maxAgeMs: number;
  /** Size of the database above which the oldest runs are deleted, bytes. */
  readonly maxBytes: number;
  /** The longest gap after which a run is resumed, ms. */
  readonly maxGapMs: number;
}
