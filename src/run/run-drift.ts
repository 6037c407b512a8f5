import { type StreamLayout, StreamView } from '../catalog/slots.ts';
import type { Config } from '../core/scenario.ts';
import type { Snapshot } from '../core/snapshot.ts';
import type { Drift } from '../drift/drift.ts';
import { isSteady } from '../drift/load-gate.ts';
import { SIGNALS, type SignalId, type SignalUnit } from '../drift/signals.ts';
import {
  type DriftReport,
  type DriftState,
  DriftWatch,
  type DriftWindow,
  windowMsFor,
} from '../drift/watch.ts';
import { streamValues } from '../drift/window-values.ts';
import { THRESHOLDS, thresholdById } from '../thresholds/table.ts';
import { limitOf } from '../thresholds/threshold.ts';

/** Signals measured on streams. */
const STREAM_SIGNALS: readonly SignalId[] = ['ttfb-p95', 'ttfb-p50', 'gap-p95', 'failure-ratio'];

/** Time under load after the warm-up before drift is reported, ms: pools, caches and heaps reach their size first. */
const MIN_DRIFT_MS = 600_000;
/** Snapshots come once a second: the first and the last are up to a second from the start and the end of a run. */
const TICKS_MS = 2000;

/** One series of `soak_drift_seconds_per_hour`, `soak_drift_ratio_per_hour` or `soak_drift_bytes_per_hour`. */
export interface DriftGauge {
  /** `null`: the generator. */
  readonly target: string | null;
  readonly signal: SignalId;
  readonly unit: SignalUnit;
  /** In seconds, a ratio or bytes, each hour; 0 where no upward trend is significant. */
  readonly perHour: number;
}

export interface RunDriftOptions {
  readonly config: Config;
  /** Names of the targets of the scenario. */
  readonly targets: readonly string[];
  /** Planned length of the run, in a sequence of a turn, ms. */
  readonly durationMs: number;
  /** Whether the targets are loaded one after another; absent: all at once. */
  readonly isSequence?: boolean;
  /** Resident set of this process, bytes. */
  readonly rssBytes: () => number;
  /** Whether the heaps of all threads have settled: until then the memory of this process is not evaluated. */
  readonly settled: () => boolean;
  /** Resident set of a target, bytes; `undefined` where it is unknown. */
  readonly targetRssBytes: (target: string) => number | undefined;
  /** Time under load after the warm-up before drift is reported, ms; default {@link MIN_DRIFT_MS}. */
  readonly minMs?: number;
}

/** State of a run, once a second. */
export interface DriftMoment extends Pick<Snapshot<StreamLayout>, 'atMs' | 'layout' | 'values'> {
  /** Wanted load by target of the layout: users, or arrivals a second; 0 while no streams start. */
  readonly load: readonly number[];
  /** Unreliable windows of the run so far. */
  readonly unreliableWindows: number;
}

/** State of the drift tests of a run, for a resume in another process. */
export interface RunDriftState {
  readonly watch: DriftState;
  readonly measured: { readonly fromMs: number; readonly toMs: number } | undefined;
  /** In a sequence the same of each turn so far, by target. */
  readonly turns: readonly (readonly [target: string, measured: Measured])[];
}

interface Measured {
  readonly fromMs: number;
  toMs: number;
}

/** Cuts one run into windows and tests its signals for upward trends. */
export class RunDrift {
  readonly #options: RunDriftOptions;
  readonly #windowMs: number;
  readonly #watch: DriftWatch;
  #from: Pick<DriftMoment, 'atMs' | 'values' | 'unreliableWindows'> | undefined;
  /** Lowest and highest load within the current window: a load that moves is not steady. */
  #load: { least: number[]; most: number[] } | undefined;
  /** From the first moment after the warm-up to the last at which load was wanted, monotonic ms. */
  #measured: Measured | undefined;
  /** In a sequence the same of each turn so far. */
  readonly #turns = new Map<string, Measured>();
  /** Targets that are loaded now. */
  #loaded: readonly string[] = [];
  /** Whether the heaps had settled at the start of the current window. */
  #settled = false;
  #isEvaluating = false;
  #kept: RunDriftState | undefined;
  #over = false;

  constructor(options: RunDriftOptions) {
    const { config, targets, durationMs } = options;
    this.#options = options;
    this.#windowMs = windowMsFor(durationMs);
    this.#watch = new DriftWatch({
      watched: [
        ...targets.map((target) => ({ target, signals: signalsOf(config, target) })),
        { target: null, signals: ['generator-rss'] },
      ],
      windowMs: this.#windowMs,
      limitOf: (target, signal) => driftLimit(config, target, signal),
    });
  }

  /** State at the end of the last window; the window that is open is lost. The same one until the next window ends. */
  get state(): RunDriftState {
    if (this.#kept?.watch.windows !== this.#watch.windows)
      this.#kept = {
        watch: this.#watch.state,
        measured: this.#measured && { ...this.#measured },
        turns: [...this.#turns].map(([target, measured]) => [target, { ...measured }]),
      };
    return this.#kept as RunDriftState;
  }

  /** @param shiftMs added to the times of the state: the clock of this process less that of the earlier one */
  restore({ watch, measured, turns }: RunDriftState, shiftMs: number): void {
    const shifted = ({ fromMs, toMs }: Measured): Measured => ({
      fromMs: fromMs + shiftMs,
      toMs: toMs + shiftMs,
    });
    this.#watch.restore(watch, shiftMs);
    if (measured !== undefined) this.#measured = shifted(measured);
    for (const [target, turn] of turns) this.#turns.set(target, shifted(turn));
  }

  /** Drifts of the last evaluation; in a sequence, of the target whose turn it is. */
  get live(): readonly Drift[] {
    if (this.#over) return [];
    return this.#options.isSequence === true
      ? this.#watch.live.filter(({ target }) => target === null || this.#loaded.includes(target))
      : this.#watch.live;
  }

  /** Adds the state of the run. Call once a second. */
  add({ atMs, layout, values, load, unreliableWindows }: DriftMoment): void {
    this.#load = {
      least: load.map((l, t) => Math.min(l, this.#load?.least[t] ?? l)),
      most: load.map((l, t) => Math.max(l, this.#load?.most[t] ?? l)),
    };
    this.#measured ??= { fromMs: atMs, toMs: atMs };
    if (load.some((l) => l > 0)) this.#measured.toMs = atMs;
    this.#loaded = layout.targets.filter((_, t) => load[t]! > 0);
    for (const target of this.#loaded) {
      const turn = this.#turns.get(target);
      if (turn === undefined) this.#turns.set(target, { fromMs: atMs, toMs: atMs });
      else turn.toMs = atMs;
    }
    this.#from ??= { atMs, values, unreliableWindows };
    // Timers are not exact: up to 100 ms early counts as on time.
    if (atMs - this.#from.atMs < this.#windowMs - 100) return;
    const window = new StreamView(layout, values).minus(new StreamView(layout, this.#from.values));
    const unreliable = unreliableWindows > this.#from.unreliableWindows;
    this.#watch.add(atMs, this.#windows(window, this.#load, unreliable));
    this.#from = { atMs, values, unreliableWindows };
    this.#load = undefined;
    if (this.#isLongEnough && this.#watch.isDue && !this.#isEvaluating) this.#evaluate();
  }

  /** Evaluates the whole run. */
  finish(): DriftReport {
    this.#over = true;
    return this.#isLongEnough ? this.#watch.last(this.#isReady) : this.#watch.withoutEvaluation();
  }

  get #isLongEnough(): boolean {
    return this.#isLong(this.#measured);
  }

  #isLong({ fromMs, toMs }: Measured = { fromMs: 0, toMs: 0 }): boolean {
    return toMs - fromMs >= (this.#options.minMs ?? MIN_DRIFT_MS) - TICKS_MS;
  }

  /** Whether a target was loaded for long enough: in a sequence in its own turn. */
  readonly #isReady = (target: string | null): boolean =>
    target === null || this.#options.isSequence !== true || this.#isLong(this.#turns.get(target));

  /** Returns the memory of this process; nothing where its heaps had not settled before the window began. */
  #ownMemory(): DriftWindow['values'] {
    const before = this.#settled;
    this.#settled = this.#options.settled();
    if (before && this.#settled) return { 'generator-rss': { value: this.#options.rssBytes(), count: 1 } };
    // Earlier windows have another level: a thread that replaces a dead one fills memory of its own.
    this.#watch.forget(null);
    return {};
  }

  #windows(
    window: StreamView,
    { least, most }: { readonly least: readonly number[]; readonly most: readonly number[] },
    unreliable: boolean,
  ): DriftWindow[] {
    const { targets, config, targetRssBytes } = this.#options;
    // A load that moves within a window cannot be compared with that of another window.
    const loadOf = (t: number): number => (isSteady(least[t]!, most[t]!) ? most[t]! : 0);
    const isSequence = this.#options.isSequence === true;
    const own = targets.map((target): DriftWindow => {
      const t = window.layout.targets.indexOf(target);
      const rss = hasMemory(config, target) ? targetRssBytes(target) : undefined;
      return {
        target,
        load: loadOf(t),
        unreliable,
        values: {
          ...streamValues(window, t),
          ...(rss === undefined ? {} : { 'target-rss': { value: rss, count: 1 } }),
        },
      };
    });
    return [
      ...own,
      {
        target: null,
        // In a sequence one target alone has load.
        load: isSequence || own.every((w) => w.load > 0) ? own.reduce((sum, w) => sum + w.load, 0) : 0,
        unreliable: false,
        values: this.#ownMemory(),
      },
    ];
  }

  /** Evaluates in parts, so that very many series do not delay a scrape. */
  #evaluate(): void {
    this.#isEvaluating = true;
    const parts = this.#watch.evaluating(this.#isReady);
    const next = (): void => {
      if (this.#over || parts.next().done) this.#isEvaluating = false;
      else setImmediate(next);
    };
    setImmediate(next);
  }
}

/** Returns one gauge for each target and signal; 0 where no upward trend is significant. */
export function driftGauges(config: Config, live: readonly Drift[]): DriftGauge[] {
  const gauge = (target: string | null, signal: SignalId): DriftGauge => {
    const found = live.find((d) => d.target === target && d.signal === signal && d.kind !== 'step');
    const { unit } = SIGNALS[signal];
    return { target, signal, unit, perHour: inBaseUnits(unit, found?.slopePerHour ?? 0) };
  };
  return [
    ...config.targets.flatMap(({ name }) => signalsOf(config, name).map((s) => gauge(name, s))),
    gauge(null, 'generator-rss'),
  ];
}

function inBaseUnits(unit: SignalUnit, perHour: number): number {
  return unit === 'ms' ? perHour / 1000 : perHour;
}

function signalsOf(config: Config, target: string): SignalId[] {
  return hasMemory(config, target) ? [...STREAM_SIGNALS, 'target-rss'] : [...STREAM_SIGNALS];
}

function hasMemory({ targets }: Config, name: string): boolean {
  return targets.some((t) => t.name === name && t.memory !== undefined);
}

/** Returns the limit that an upward trend would reach: that of the verdict, else none. */
function driftLimit(config: Config, target: string | null, signal: SignalId): number | undefined {
  const own = config.targets.find((t) => t.name === target)?.thresholds ?? [];
  const settings = { own, common: config.thresholds };
  const limit = (id: string): number | undefined => {
    const found = limitOf(thresholdById(id)!, THRESHOLDS, settings);
    return found === 'off' ? undefined : found;
  };
  if (signal === 'ttfb-p95' || signal === 'ttfb-p50') return limit(signal);
  if (signal !== 'failure-ratio') return undefined;
  const success = limit('success-rate');
  return success === undefined ? undefined : 1 - success;
}
