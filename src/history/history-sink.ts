import { difference } from '../catalog/difference.ts';
import type { StreamLayout, TimingLimits } from '../catalog/slots.ts';
import type { RunEvent } from '../core/control.ts';
import { packValues } from '../core/packed-values.ts';
import type { FinishedRun, Run } from '../core/run.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import { residentReader } from '../machine/memory.ts';
import type { Sink, StreamSnapshot } from '../sink/sink.ts';
import type { History } from './history.ts';
import { recordLayout } from './layout-record.ts';
import type { GeneratorWindow, NumberedEvent, RunEnd, RunSource, RunWrite, TargetWindow } from './records.ts';
import { packTotals, TOTALS_KEY } from './totals.ts';

const WINDOW_MS = 10_000;
/** Part that holds the position in the plan. */
const STATE_KEY = 'state';
/** A window this much shorter is complete: timers are not exact. */
const EARLY_MS = 500;

/** A part of the state of a run; written again when its version changes. */
export interface KeptPart {
  readonly key: string;
  readonly version: unknown;
  pack(): Uint8Array;
}

export interface HistorySinkOptions {
  readonly history: Pick<History, 'write' | 'failing' | 'written' | 'lock'>;
  readonly source: RunSource;
  /** Facts of a run that starts. */
  readonly facts: (run: Run) => {
    /** JSON: setup without secrets. */
    readonly setup: string;
    /** Names of the targets of its scenario. */
    readonly targets: readonly string[];
    readonly timingLimits: TimingLimits;
    /** Number of its first window in this process; 0 unless it is resumed. */
    readonly firstWindow: number;
  };
  /** State for a resume; none where runs are not resumed. */
  readonly checkpoint: () => readonly KeptPart[];
  /** Measurement quality so far: windows of lag, and how many of them were unreliable. */
  readonly quality: () => { readonly windows: number; readonly unreliable: number };
  /** Whether counters continue from the totals of this process after a restart. */
  readonly keepsTotals: boolean;
  /** Values that a finished run counted. */
  readonly values: (run: FinishedRun) => Float64Array;
  /** Called once a finished run has its summary. */
  readonly end: (run: FinishedRun) => RunEnd;
}

interface Current {
  readonly run: string;
  /** Start of the first window, ms since 1970, and its number. */
  readonly firstAt: number;
  readonly first: number;
  readonly layout: StreamLayout;
  /** Places of the targets of the run. */
  readonly places: readonly number[];
  /** Versions of the written parts. */
  readonly versions: Map<string, unknown>;
  /** Number of the open window, and what it began with. */
  n: number;
  from: Moment;
  readonly timingLimits: TimingLimits;
  /** Streams wanted, times ms. */
  desiredMs: number[];
  lastMs: number;
  events: number;
}

interface Moment {
  readonly at: number;
  readonly values: Float64Array;
  readonly cpuMs: number;
  readonly windows: number;
  readonly unreliable: number;
}

/**
 * Writes runs to the history. The open window is written twice a second. While the history cannot be written, it stays
 * open, so that nothing is lost and memory does not grow: it then is longer than 10 s.
 */
export class HistorySink implements Sink {
  readonly #resident = residentReader();
  readonly #options: HistorySinkOptions;
  #current: Current | undefined;
  #isSuspended = false;

  constructor(options: HistorySinkOptions) {
    this.#options = options;
  }

  /** Keeps the state of the current run: its end in this process is none in the history. */
  suspend(): void {
    if (this.#current === undefined) return;
    this.#options.history.write({ run: this.#current.run, states: this.#changedParts() });
    this.#isSuspended = true;
  }

  get isSuspended(): boolean {
    return this.#isSuspended;
  }

  start(run: Run, snapshot: StreamSnapshot): void {
    const { history, source, facts } = this.#options;
    const { layout } = snapshot;
    const { setup, targets, timingLimits, firstWindow } = facts(run);
    const resumedAt = run.gaps.at(-1)?.toAt;
    const at = resumedAt ?? run.startedAt;
    this.#current = {
      run: run.id,
      firstAt: at,
      first: firstWindow,
      layout,
      places: targets.map((name) => layout.targets.indexOf(name)).filter((place) => place >= 0),
      versions: new Map(),
      n: firstWindow,
      from: this.#moment(at, snapshot),
      timingLimits,
      desiredMs: layout.targets.map(() => 0),
      lastMs: snapshot.atMs,
      events: 0,
    };
    history.write({
      run: run.id,
      start: {
        run: run.id,
        scenario: run.scenario,
        source,
        owner: history.lock.name,
        startedAt: run.startedAt,
        targets: layout.targets,
        layout: recordLayout(layout, timingLimits),
        setup,
      },
      // A resumed run adds its gap; the events before it are written already.
      events: run.events.slice(resumedAt === undefined ? 0 : -1).map((event) => this.#numbered(event)),
      states: this.#changedParts(),
      ...(resumedAt === undefined ? { service: this.#totals(snapshot, timingLimits) } : {}),
    });
  }

  add(run: Run, snapshot: StreamSnapshot): void {
    const current = this.#current;
    if (current === undefined) return;
    const passedMs = snapshot.atMs - current.lastMs;
    current.lastMs = snapshot.atMs;
    current.desiredMs = current.desiredMs.map((sum, t) => sum + snapshot.desired[t]! * passedMs);
    const now = this.#moment(Math.max(current.from.at, Date.now()), snapshot);
    const { firstAt, first } = current;
    const isOver = now.at - firstAt >= (current.n - first + 1) * WINDOW_MS - EARLY_MS;
    const isClosed = run.state === 'finished' || (isOver && this.#options.history.failing === undefined);
    this.#options.history.write({
      run: current.run,
      ...this.#windows(current, now, isClosed),
      // The checkpoint of a finished run is gone: its values are those of the snapshot.
      states: run.state === 'finished' ? {} : this.#changedParts(),
    });
    if (!isClosed) return;
    current.n = Math.max(current.n + 1, first + Math.round((now.at - firstAt) / WINDOW_MS));
    current.from = now;
    current.desiredMs.fill(0);
  }

  between(run: Run, snapshot: StreamSnapshot): void {
    this.add(run, snapshot);
  }

  event(run: Run, event: RunEvent): void {
    this.#options.history.write({ run: run.id, events: [this.#numbered(event)] });
  }

  results(run: Run, failures: readonly StreamResult[], _omitted: readonly OmittedFailures[]): void {
    this.#options.history.write({ run: run.id, failures });
  }

  /** Resolves when the end of the run is written. */
  stop(run: FinishedRun, snapshot: StreamSnapshot): Promise<void> {
    const { history, end, values } = this.#options;
    if (this.#isSuspended) {
      const counted = values(run);
      const states = { values: packValues(counted, 0, counted.length) };
      return history.written(history.write({ run: run.id, states }));
    }
    const service = this.#totals(snapshot, this.#current?.timingLimits ?? {});
    this.#current = undefined;
    return history.written(history.write({ run: run.id, end: end(run), service }));
  }

  /** Returns what the process has counted without its current run: counters continue from it after a restart. */
  #totals({ layout, values }: StreamSnapshot, timingLimits: TimingLimits): Record<string, Uint8Array> {
    if (!this.#options.keepsTotals) return {};
    return { [TOTALS_KEY]: packTotals({ layout, timingLimits, values }) };
  }

  #windows(
    { layout, places, n, from, desiredMs }: Current,
    now: Moment,
    isClosed: boolean,
  ): Pick<RunWrite, 'windows' | 'generator'> {
    const values = difference(layout, now.values, from.values);
    const span = { n, fromAt: from.at, toAt: now.at, isClosed };
    const lengthMs = Math.max(1, now.at - from.at);
    const windows = places.map((target): TargetWindow => {
      const { start, end } = layout.slots[target]!;
      return {
        ...span,
        target,
        desired: desiredMs[target]! / lengthMs,
        data: packValues(values, start, end),
      };
    });
    const generator: GeneratorWindow = {
      ...span,
      rssBytes: this.#resident(),
      cpuMs: now.cpuMs - from.cpuMs,
      lagWindows: Math.max(0, now.windows - from.windows),
      unreliable: Math.max(0, now.unreliable - from.unreliable),
      data: packValues(values, layout.sharedStart, layout.size),
    };
    return { windows, generator: [generator] };
  }

  #moment(at: number, { values }: StreamSnapshot): Moment {
    const { user, system } = process.cpuUsage();
    return { at, values, cpuMs: (user + system) / 1000, ...this.#options.quality() };
  }

  /** Returns the parts of the state that have changed since they were written. */
  #changedParts(): Record<string, Uint8Array> {
    const { versions } = this.#current!;
    const changed: Record<string, Uint8Array> = {};
    for (const part of this.#options.checkpoint()) {
      // The plan stays where it was; streams that end from now on still count.
      if (this.#isSuspended && part.key === STATE_KEY) continue;
      if (versions.get(part.key) === part.version) continue;
      versions.set(part.key, part.version);
      changed[part.key] = part.pack();
    }
    return changed;
  }

  #numbered(event: RunEvent): NumberedEvent {
    // By time, so that a resumed run does not overwrite the events of the earlier process.
    const current = this.#current;
    const n = event.at * 1000 + (current === undefined ? 999 : current.events++ % 1000);
    return { ...event, n };
  }
}
