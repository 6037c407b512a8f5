import type { Access, Role } from './access.ts';
import type { ConnectOptions } from './connect-options.ts';
import type { Distribution } from './distribution.ts';
import type { Schedule } from './schedule.ts';
import type { SecretText } from './secret-text.ts';

/** Recognises an event or a line by its data, its name or a value in its JSON. */
export type EventMatcher =
  /** The literal data of an event, spaces around it aside; on `raw` the end of the body. */
  | { readonly kind: 'data'; readonly data: string }
  /** The name of an event. */
  | { readonly kind: 'event'; readonly event: string }
  /** A path into the JSON, e.g. `choices.0.finish_reason`. Without `equals`, the value has to be there. */
  | { readonly kind: 'path'; readonly path: string; readonly equals?: string | number | boolean };

/** What ends a stream well, in formats where that can be chosen (`terminals` of the format). */
export type Terminal =
  | EventMatcher
  /** A clean end of the body, whatever the last event was. */
  | { readonly kind: 'end' }
  /** A clean end of the body after a finish reason of every choice: for servers that send no `[DONE]`. */
  | { readonly kind: 'finish' };

/** What an answer must have to count as a success. 0 means not checked. */
export interface Expectations {
  readonly minChunks: number;
  /** Bytes of the body after transfer decoding. */
  readonly minBytes: number;
  /** Unicode code points of the content. */
  readonly minCharacters: number;
  /** Media type of an accepted response, lower case without parameters; absent: the format's own. */
  readonly contentType?: string;
}

/** Limits of one stream, all in ms. */
export interface Timeouts {
  readonly connectMs: number;
  readonly ttfbMs: number;
  /** Since the last byte of any kind. */
  readonly idleMs: number;
  /** A stream this long without a byte counts as stalled while it lives. Absent: 5 s, or half of `idleMs`. */
  readonly stallMs?: number;
  readonly totalMs: number;
  /** How long it is read on after its terminal event. */
  readonly lingerMs: number;
}

export type { SecretText };

export interface TargetThreshold {
  readonly id: string;
  /**
   * In the threshold's own unit; `off`: neither evaluated nor alerted on. Absent: the limit that applies
   * otherwise.
   */
  readonly limit?: number | 'off';
  /** Whether a run ends early when it is crossed. */
  readonly abort?: boolean;
}

/** Limits of one stream, ms; those that are absent are met. */
export interface Objective {
  readonly ttftMs?: number;
  /** Of the longest gap between two chunks with content. */
  readonly maxGapMs?: number;
  /** Time per output token after the first. */
  readonly tpotMs?: number;
  /** From its start to its end. */
  readonly durationMs?: number;
}

/** Where streams come from: a URL, or the simulator that is built in. */
export type Endpoint =
  | { readonly kind: 'url'; readonly url: string }
  /** The simulator's own options, checked by its schema. */
  | { readonly kind: 'simulator'; readonly options: Readonly<Record<string, unknown>> };

/** A number of bytes that a Prometheus knows. */
export interface MemorySource {
  /** Base URL of the Prometheus. Its host must be allowed as that of a target must. */
  readonly prometheus: string;
  /** PromQL that gives one series. */
  readonly query: string;
}

export interface Target extends ConnectOptions {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly headers: Readonly<Record<string, SecretText>>;
  /** Absent: no body. `{{prompt}}` stands for the drawn prompt, JSON-escaped where the body is JSON. */
  readonly body?: { readonly text: SecretText; readonly json: boolean };
  /** Prompts to draw from for `{{prompt}}`; empty when the body has none. */
  readonly prompts: readonly string[];
  /** The name of one of `FORMATS` in `src/formats`. */
  readonly format: string;
  readonly terminal?: Terminal;
  /** What an event or a line looks like by which the target reports a failure. */
  readonly error?: EventMatcher;
  /** Longest line or event, bytes. Absent: 1 MiB. */
  readonly maxEventBytes?: number;
  readonly expect: Expectations;
  /** What a good answer keeps to; absent: goodput is not counted. */
  readonly objective?: Objective;
  readonly timeouts: Timeouts;
  /** `reuse`: a virtual user keeps its connection from stream to stream. */
  readonly connection: 'reuse' | 'fresh';
  readonly labels: Readonly<Record<string, string>>;
  /** Where its resident memory can be read; absent: it is not followed. */
  readonly memory?: MemorySource;
  /** Bytes of the end of a failed stream's body that are kept and shown; absent: none. */
  readonly keepTailBytes?: number;
  readonly thresholds: readonly TargetThreshold[];
}

/**
 * One stretch of a scenario's load. Levels are virtual users in the closed model, streams a second in the
 * open one.
 */
export type Stage = {
  readonly durationMs: number;
  /** The only target that is loaded in it; absent: all, by weight. */
  readonly target?: string;
} & (
  | { readonly shape: 'hold'; readonly level: number }
  | { readonly shape: 'ramp'; readonly from: number; readonly to: number }
  /** Equal parts of the duration, one after another. */
  | { readonly shape: 'steps'; readonly levels: readonly number[] }
  | {
      readonly shape: 'spike';
      readonly base: number;
      readonly peak: number;
      readonly atMs: number;
      readonly widthMs: number;
    }
  /** From the middle upwards first. */
  | { readonly shape: 'sine'; readonly min: number; readonly max: number; readonly periodMs: number }
);

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

/** Hard caps that no call can exceed. */
export interface Limits {
  readonly maxUsers: number;
  /** Streams a second. */
  readonly maxRate: number;
  readonly maxDurationMs: number;
}

/** A listener for metrics and health alone, besides the main one. */
export interface MetricsListener {
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
export interface HistorySettings {
  /** Age at which a run is deleted, ms after its end. */
  readonly maxAgeMs: number;
  /** Size of the database above which the oldest runs are deleted, bytes. */
  readonly maxBytes: number;
  /** The longest gap after which a run is resumed, ms. */
  readonly maxGapMs: number;
}
