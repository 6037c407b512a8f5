import { measurementLag, StreamView } from '../catalog/slots.ts';
import { formatDuration } from '../core/duration.ts';
import { type MeasurementError, measurementErrorOf } from '../core/measurement-error.ts';
import { formatCount, formatPercent } from '../core/number.ts';
import { GRACE_MS, type Run } from '../core/run.ts';
import type { Sink, StreamSnapshot } from './sink.ts';
import { type TargetProgress, targetProgress } from './target-progress.ts';

/** What the terminal shows of a run at one moment. TTFB and success are those of the last ten seconds. */
export interface Progress {
  readonly state: Run['state'];
  readonly stage: number;
  readonly stages: number;
  /** The only target that the stage loads, in a sequence; `null`: all targets. */
  readonly turn: string | null;
  readonly elapsedMs: number;
  readonly leftMs: number;
  /** From 0 to 1. */
  readonly done: number;
  /** What is left for open streams at most, once no more are started; `null` before. */
  readonly drainMs: number | null;
  readonly active: number;
  readonly desired: number;
  readonly ttfbP50Ms: number | null;
  readonly ttfbP95Ms: number | null;
  /** From 0 to 1; `null` while nothing has ended. */
  readonly success: number | null;
  readonly failed: number;
  readonly chunksPerSecond: number;
  /** Measurement error of timings of the last ten seconds; `null` without samples. */
  readonly measurementErrorMs: MeasurementError | null;
}

/** Progress of a run, with the progress of each target. */
export interface DetailedProgress extends Progress {
  readonly targets: readonly TargetProgress[];
}

/** @param before an earlier snapshot of the same run, the start of the window */
export function progressOf(run: Run, now: StreamSnapshot, before: StreamSnapshot): Progress {
  return progressIn(run, now, before, windowOf(now, before));
}

function windowOf(now: StreamSnapshot, before: StreamSnapshot): StreamView {
  return new StreamView(now.layout, now.values).minus(new StreamView(before.layout, before.values));
}

function progressIn(run: Run, now: StreamSnapshot, before: StreamSnapshot, window: StreamView): Progress {
  const total = new StreamView(now.layout, now.values);
  const all = now.layout.targets.map((_, t) => t);
  const ttfb = window.merged(all, 'ttfb');
  const { success, failed } = window.allResults();
  const elapsedMs = Math.max(0, now.atMs - run.startMs);
  const windowSeconds = (now.atMs - before.atMs) / 1000;
  return {
    state: run.state,
    stage: run.state === 'finished' ? run.stages - 1 : run.stage,
    stages: run.stages,
    turn: run.state === 'finished' ? null : (run.turn ?? null),
    elapsedMs,
    leftMs: Math.max(0, run.durationMs - elapsedMs),
    done: Math.min(1, elapsedMs / run.durationMs),
    drainMs: run.state === 'draining' ? Math.max(0, run.drainedByMs - now.atMs) : null,
    active: total.allActive(),
    desired: now.desired.reduce((sum, n) => sum + n, 0),
    ttfbP50Ms: ttfb.quantile(0.5),
    ttfbP95Ms: ttfb.quantile(0.95),
    success: success + failed === 0 ? null : success / (success + failed),
    failed,
    chunksPerSecond: windowSeconds > 0 ? window.total('chunks') / windowSeconds : 0,
    measurementErrorMs: measurementErrorOf(measurementLag(window)),
  };
}

/** Snapshots kept as the start of the window: ten seconds. */
const WINDOW = 10;

/** Keeps the last ten seconds and returns the progress of the run over them. */
export class ProgressSink implements Sink {
  #window: StreamSnapshot[] = [];
  /** What earlier runs have counted. */
  #start: StreamSnapshot | undefined;

  start(_run: Run, snapshot: StreamSnapshot): void {
    this.#window = [snapshot];
    this.#start = snapshot;
  }

  add(_run: Run, snapshot: StreamSnapshot): void {
    this.#window.push(snapshot);
    if (this.#window.length > WINDOW) this.#window.shift();
  }

  of(run: Run, now: StreamSnapshot): Progress {
    return progressOf(run, now, this.#window[0] ?? now);
  }

  /** @param targets names of the targets of the run */
  detailed(run: Run, now: StreamSnapshot, targets: readonly string[]): DetailedProgress {
    const before = this.#window[0] ?? now;
    const window = windowOf(now, before);
    return {
      ...progressIn(run, now, before, window),
      targets: targetProgress(targets, now, this.#start ?? now, window),
    };
  }
}

const BAR = 24;

/** Returns one plain line, for a log or a pipe. */
export function progressLine(p: Progress): string {
  return [
    `${p.state} ${stageText(p)}`,
    `${formatDuration(Math.round(p.elapsedMs / 1000) * 1000)} of ${formatDuration(p.elapsedMs + p.leftMs)}`,
    `active ${formatCount(p.active)}/${formatCount(p.desired)}`,
    `TTFB p50 ${ms(p.ttfbP50Ms)} p95 ${ms(p.ttfbP95Ms)}`,
    `success ${percent(p.success)}`,
    `${formatCount(p.chunksPerSecond)} chunks/s`,
    ...(p.drainMs === null ? [] : [`${wholeSeconds(p.drainMs)} at most`]),
  ].join('  ');
}

/**
 * Returns one line about a run that drains.
 * @param isInterrupted a signal has requested the end
 */
export function drainLine({ active, drainMs }: Progress, isInterrupted: boolean): string {
  if (active === 0) return 'no new starts and no open streams; the run is ending';
  const streams = `${formatCount(active)} open ${active === 1 ? 'stream' : 'streams'}`;
  const time = wholeSeconds(drainMs ?? 0);
  const next = isInterrupted ? '' : `Ctrl-C leaves ${formatDuration(GRACE_MS)}, `;
  return `no new starts; ${streams} may take up to ${time}; ${next}a second Ctrl-C ends the run at once`;
}

/** Formats a time in whole seconds, rounded up. */
function wholeSeconds(ms: number): string {
  return formatDuration(Math.ceil(ms / 1000) * 1000);
}

/** Returns a few lines for a terminal. */
export function progressBlock(name: string, p: Progress, isInterrupted = false): string {
  const full = Math.round(p.done * BAR);
  const elapsed = formatDuration(Math.round(p.elapsedMs / 1000) * 1000);
  const left =
    p.state === 'running' ? `${formatDuration(Math.round(p.leftMs / 1000) * 1000)} left` : 'draining';
  return [
    `  ${name}  ${stageText(p)}  ${'█'.repeat(full)}${'░'.repeat(BAR - full)}  ${elapsed} · ${left}`,
    `  active ${formatCount(p.active)} / ${formatCount(p.desired)}    TTFB p50 ${ms(p.ttfbP50Ms)}  p95 ${ms(p.ttfbP95Ms)}    ` +
      `success ${percent(p.success)}    ${formatCount(p.chunksPerSecond)} chunks/s`,
    ...(p.drainMs === null ? [] : [`  ${drainLine(p, isInterrupted)}`]),
  ].join('\n');
}

function stageText(p: Progress): string {
  return `stage ${p.stage + 1}/${p.stages}${p.turn === null ? '' : ` ${p.turn}`}`;
}

function ms(value: number | null): string {
  return value === null ? '–' : formatDuration(value);
}

function percent(value: number | null): string {
  return value === null ? '–' : formatPercent(value);
}
