import type { TimingLimits } from '../catalog/slots.ts';
import type { RunEvent } from '../core/control.ts';
import { packValues } from '../core/packed-values.ts';
import type { FinishedRun, Run } from '../core/run.ts';
import type { OmittedFailures, StreamResult } from '../core/stream-result.ts';
import type { Sink, StreamSnapshot } from '../sink/sink.ts';
import type { History } from './history.ts';
import { recordLayout } from './layout-record.ts';
import type { GeneratorWindow, NumberedEvent, RunEnd, RunSource, RunWrite, TargetWindow } from './records.ts';
import { packTotals, TOTALS_KEY } from './totals.ts';
import { type CutWindow, type LagCount, WindowCutter } from './window-cutter.ts';

/** Part that holds the position in the plan. */
const STATE_KEY = 'state';

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
    /** Measurement quality at the end of the windows of earlier processes; absent: the run begins. */
    readonly earlierQuality?: LagCount;
  };
  /** State for a resume; none where runs are not resumed. */
  readonly checkpoint: () => readonly KeptPart[];
  /** Measurement quality so far: windows of lag, and how many of them were unreliable. */
  readonly quality: () => LagCount;
  /** Whether counters continue from the totals of this process after a restart. */
  readonly keepsTotals: boolean;
  /** Values that a finished run counted. */
  readonly values: (run: FinishedRun) => Float64Array;
  /** Called once a finished run has its summary. */
  readonly end: (run: FinishedRun) => RunEnd;
  /** Called with each window as it is written. */
  readonly cut?: (window: CutWindow) => void;
}

interface Current {
  readonly run: string;
  /** Versions of the written parts. */
  readonly versions: Map<string, unknown>;
  readonly timingLimits: TimingLimits;
  events: number;
}

/**
 * Writes runs to the history. The open window is written twice a second. While the history cannot be written, it stays
 * open, so that nothing is lost and memory does not grow: it then is longer than 10 s.
 */
export class HistorySink implements Sink {
  readonly #options: HistorySinkOptions;
  readonly #cutter: WindowCutter;
  #current: Current | undefined;
  #isSuspended = false;

  constructor(options: HistorySinkOptions) {
    this.#options = options;
    this.#cutter = new WindowCutter(options.quality);
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
    const { setup, targets, timingLimits, firstWindow, earlierQuality } = facts(run);
    const resumedAt = run.gaps.at(-1)?.toAt;
    this.#cutter.start(run, snapshot, targets, firstWindow, earlierQuality);
    this.#current = { run: run.id, versions: new Map(), timingLimits, events: 0 };
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
    const { history, cut } = this.#options;
    const window = this.#cutter.cut(run, snapshot, history.failing === undefined);
    if (window === undefined) return;
    history.write({
      run: run.id,
      ...recordsOf(window),
      // The checkpoint of a finished run is gone: its values are those of the snapshot.
      states: run.state === 'finished' ? {} : this.#changedParts(),
    });
    cut?.(window);
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
    this.#cutter.end();
    return history.written(history.write({ run: run.id, end: end(run), service }));
  }

  /** Returns what the process has counted without its current run: counters continue from it after a restart. */
  #totals({ layout, values }: StreamSnapshot, timingLimits: TimingLimits): Record<string, Uint8Array> {
    if (!this.#options.keepsTotals) return {};
    return { [TOTALS_KEY]: packTotals({ layout, timingLimits, values }) };
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

function recordsOf(window: CutWindow): Required<Pick<RunWrite, 'windows' | 'generator'>> {
  const { n, fromAt, toAt, isClosed, layout, places, values, desired } = window;
  const { rssBytes, cpuMs, lagWindows, unreliable } = window;
  const span = { n, fromAt, toAt, isClosed };
  const windows = places.map((target): TargetWindow => {
    const { start, end } = layout.slots[target]!;
    return { ...span, target, desired: desired[target]!, data: packValues(values, start, end) };
  });
  const data = packValues(values, layout.sharedStart, layout.size);
  const generator: GeneratorWindow = { ...span, rssBytes, cpuMs, lagWindows, unreliable, data };
  return { windows, generator: [generator] };
}
