import { difference } from '../catalog/difference.ts';
import type { StreamLayout } from '../catalog/slots.ts';
import { calendarAt } from '../core/clock.ts';
import type { Run } from '../core/run.ts';
import { residentReader } from '../machine/memory.ts';
import type { Sink, StreamSnapshot } from '../sink/sink.ts';
import type { KeptWindow } from './kept-window.ts';

const WINDOW_MS = 10_000;
/** A window this much shorter is complete: timers are not exact. */
const EARLY_MS = 500;

/** The window of a run that is open now, or has just been closed. */
export interface CutWindow extends KeptWindow {
  /** Id of the run. */
  readonly run: string;
  readonly layout: StreamLayout;
  /** Places of the targets of the run in the layout, ascending. */
  readonly places: readonly number[];
  /** Whether nothing more is added to it. */
  readonly isClosed: boolean;
}

/** Measurement quality of a run so far: windows of lag, and how many of them were unreliable. */
export interface LagCount {
  readonly windows: number;
  readonly unreliable: number;
}

interface Moment extends LagCount {
  readonly at: number;
  readonly values: Float64Array;
  readonly cpuMs: number;
}

interface Current {
  readonly run: string;
  /** Start of the first window, ms since 1970, and its number. */
  readonly firstAt: number;
  readonly first: number;
  readonly layout: StreamLayout;
  readonly places: readonly number[];
  /** Number of the open window, and what it began with. */
  n: number;
  from: Moment;
  /** Streams wanted, times ms. */
  desiredMs: number[];
  lastMs: number;
}

/** Cuts a run into windows of 10 s. */
export class WindowCutter {
  readonly #quality: () => LagCount;
  readonly #resident = residentReader();
  #current: Current | undefined;

  /** @param quality measurement quality of the current run so far */
  constructor(quality: () => LagCount) {
    this.#quality = quality;
  }

  /**
   * Begins the windows of a run.
   * @param targets names of the targets of the run
   * @param first number of the first window; above 0 for a run that is resumed
   * @param earlier measurement quality at the end of the windows of earlier processes: the window of lag that was open at a
   * kill ends with the resume. Absent: the run begins
   */
  start(
    run: Run,
    snapshot: StreamSnapshot,
    targets: readonly string[],
    first: number,
    earlier?: LagCount,
  ): void {
    const { layout } = snapshot;
    const at = run.gaps.at(-1)?.toAt ?? run.startedAt;
    this.#current = {
      run: run.id,
      firstAt: at,
      first,
      layout,
      places: targets
        .map((name) => layout.targets.indexOf(name))
        .filter((place) => place >= 0)
        .sort((a, b) => a - b),
      n: first,
      from: { ...this.#moment(at, snapshot), ...earlier },
      desiredMs: layout.targets.map(() => 0),
      lastMs: snapshot.atMs,
    };
  }

  /**
   * Returns the open window; `undefined` without a run. The next window begins where this one is closed.
   * @param mayClose whether a window that is over is closed; a longer one stays open. The end of a run always closes it
   */
  cut(run: Run, snapshot: StreamSnapshot, mayClose: boolean): CutWindow | undefined {
    const current = this.#current;
    if (current === undefined) return undefined;
    const passedMs = snapshot.atMs - current.lastMs;
    current.lastMs = snapshot.atMs;
    current.desiredMs = current.desiredMs.map((sum, t) => sum + snapshot.desired[t]! * passedMs);
    const now = this.#moment(Math.max(current.from.at, calendarAt(snapshot.atMs)), snapshot);
    const { firstAt, first } = current;
    const isOver = now.at - firstAt >= (current.n - first + 1) * WINDOW_MS - EARLY_MS;
    const isClosed = run.state === 'finished' || (isOver && mayClose);
    const window = windowOf(current, now, isClosed, this.#resident());
    if (isClosed) {
      current.n = Math.max(current.n + 1, first + Math.round((now.at - firstAt) / WINDOW_MS));
      current.from = now;
      current.desiredMs.fill(0);
    }
    return window;
  }

  end(): void {
    this.#current = undefined;
  }

  #moment(at: number, { values }: StreamSnapshot): Moment {
    const { user, system } = process.cpuUsage();
    return { at, values, cpuMs: (user + system) / 1000, ...this.#quality() };
  }
}

function windowOf(current: Current, now: Moment, isClosed: boolean, rssBytes: number): CutWindow {
  const { run, layout, places, n, from, desiredMs } = current;
  const lengthMs = Math.max(1, now.at - from.at);
  return {
    run,
    layout,
    places,
    isClosed,
    n,
    fromAt: from.at,
    toAt: now.at,
    desired: desiredMs.map((sum) => sum / lengthMs),
    values: difference(layout, now.values, from.values),
    rssBytes,
    cpuMs: now.cpuMs - from.cpuMs,
    lagWindows: Math.max(0, now.windows - from.windows),
    unreliable: Math.max(0, now.unreliable - from.unreliable),
  };
}

export interface WindowSinkOptions {
  readonly quality: () => LagCount;
  /** Names of the targets of the current run. */
  readonly targets: () => readonly string[];
  readonly cut: (window: CutWindow) => void;
}

/** Cuts runs into windows where no history does. */
export class WindowSink implements Sink {
  readonly #options: WindowSinkOptions;
  readonly #cutter: WindowCutter;

  constructor(options: WindowSinkOptions) {
    this.#options = options;
    this.#cutter = new WindowCutter(options.quality);
  }

  start(run: Run, snapshot: StreamSnapshot): void {
    this.#cutter.start(run, snapshot, this.#options.targets(), 0);
  }

  add(run: Run, snapshot: StreamSnapshot): void {
    const window = this.#cutter.cut(run, snapshot, true);
    if (window !== undefined) this.#options.cut(window);
  }

  stop(): void {
    this.#cutter.end();
  }
}
