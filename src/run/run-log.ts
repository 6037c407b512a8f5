import { iso } from '../core/clock.ts';
import type { RunEvent } from '../core/control.ts';
import type { FinishedRun, Run } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import type { AfterDeath } from '../load/engine-events.ts';
import type { RunnerLog } from './runner-options.ts';

/** Log messages for the events of a run. */
const TEXTS: Readonly<Record<RunEvent['action'], string>> = {
  start: 'run started',
  outage: 'target is down',
  gap: 'run resumed by a new process',
  freeze: 'soakd was frozen',
  'warm-up': 'warm-up ended',
  learn: 'learned how streams end',
  set: 'load changed',
  pause: 'run paused',
  resume: 'run resumed',
  skip: 'stage skipped',
  extend: 'stage extended',
  stop: 'run stopping',
};

/** What the log says follows the death of an engine thread. */
export const AFTER_DEATH: Readonly<Record<AfterDeath, string>> = {
  replaced: 'restarted',
  'not-needed': 'not restarted, since no new starts are planned',
  'given-up': 'crash loop, stopping the run',
};

/** What the log line of an event has in place of the detail of the event and the usual message. */
export interface EventLine {
  readonly level?: 'info' | 'warn';
  readonly text?: string;
  readonly facts?: object;
}

/** Logs the start of a run, or as a warning that another process continues it. */
export function logStart(
  log: RunnerLog,
  { id: run, plannedEndAt, durationMs, gaps }: Run,
  by: string,
  { name: scenario, overrides, targets }: Scenario,
): void {
  const end = { durationMs, plannedEndAt: iso(plannedEndAt) };
  const facts = { run, by, scenario, targets: targets.map(({ name }) => name), ...end };
  const gap = gaps.at(-1);
  if (gap === undefined) log.info({ ...facts, ...(overrides && { overrides }) }, TEXTS.start);
  else log.warn({ ...facts, gapMs: gap.toAt - gap.fromAt, lostStreams: gap.lost }, TEXTS.gap);
}

export function logEvent(
  log: RunnerLog,
  { id: run, state, plannedEndAt }: Run,
  { action, by, detail }: RunEvent,
  { level = 'info', text, facts = { detail } }: EventLine,
): void {
  const isMoved = action === 'resume' || action === 'skip' || action === 'extend';
  // A paused run has no planned end.
  const end = isMoved && state === 'running' ? { plannedEndAt: iso(plannedEndAt) } : {};
  log[level]({ run, by, ...facts, ...end }, text ?? TEXTS[action]);
}

/** Logs the end of a run; as a warning where it failed, with the thresholds that it crossed. A suspended run has no verdict yet. */
export function logFinish(log: RunnerLog, finished: FinishedRun, isSuspended = false): void {
  const { id: run, scenario, startedAt, endedAt, reason, verdict, verdicts } = finished;
  if (isSuspended) {
    log.info(
      { run, scenario },
      'run suspended; the run resumes when soakd starts again, and the summary covers the run so far',
    );
    return;
  }
  const crossed = verdicts.filter((v) => v.result === 'fail').map((v) => `${v.threshold} of ${v.target}`);
  const facts = { run, scenario, verdict, reason, lastedMs: endedAt - startedAt };
  const level = verdict === 'fail' ? 'warn' : 'info';
  log[level]({ ...facts, ...(crossed.length > 0 && { crossed }) }, 'run finished');
}
