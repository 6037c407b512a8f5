import { type StreamLayout, StreamView } from '../catalog/slots.ts';
import { monotonicMs } from '../core/clock.ts';
import type { RunEvent } from '../core/control.ts';
import { formatDuration } from '../core/duration.ts';
import { gapsMs, type Run, type RunGap } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import { endMs, type LivePlan, piecesToFollow } from '../load/live-plan.ts';
import type { Plan } from '../load/plan.ts';
import type { ResumableRun } from './checkpoint.ts';
import { levelAt } from './levels.ts';
import { placeIn } from './planned-load.ts';

/** Delay of a plan's time 0, so that the start message reaches the threads before it. */
const HEAD_START_MS = 20;
/** Events that a run keeps: a run that is changed all day must not fill the memory. */
export const MAX_EVENTS = 200;

/** A run that this process continues. */
export interface ResumedRun extends ResumableRun {
  /** Its latest events. */
  readonly events: readonly RunEvent[];
  /** Nobody continues it: it ended with its last record. */
  readonly isOver?: boolean;
}

/**
 * Returns a run that begins.
 * @param by who or what starts it
 * @param note reason of the start, for its event
 */
export function newRun({ runId, scenario }: Plan, livePlan: LivePlan, by: string, note?: string): Run {
  const durationMs = Math.round(endMs(livePlan, 0));
  const startedAt = Date.now() + HEAD_START_MS;
  return {
    id: runId,
    scenario: scenario.name,
    startedAt,
    plannedEndAt: startedAt + durationMs,
    startMs: monotonicMs() + HEAD_START_MS,
    durationMs,
    stages: scenario.stages.length,
    gaps: [],
    events: [{ at: startedAt, action: 'start', by, detail: startText(scenario, note) }],
    state: 'running',
    ...placeIn(scenario, 0),
  };
}

/** Returns a run that continues, with the gap as its last event. The time of its plan excludes the gap. */
export function resumedRun(
  { active, values, events, isOver = false }: ResumedRun,
  scenario: Scenario,
  layout: StreamLayout,
): Run {
  const { id, startedAt, livePlan, elapsedMs } = active;
  const toAt = Math.max(active.at, Date.now() + HEAD_START_MS);
  const gap: RunGap = { fromAt: active.at, toAt, lost: new StreamView(layout, values).allActive() };
  const gaps = isOver ? active.gaps : [...active.gaps, gap];
  const event: RunEvent = { at: toAt, action: 'gap', by: 'soakd', detail: gapText(gap) };
  const durationMs = Math.round(endMs(livePlan, elapsedMs));
  const startMs = monotonicMs() + HEAD_START_MS - elapsedMs;
  const facts = {
    id,
    scenario: scenario.name,
    startedAt,
    plannedEndAt: startedAt + durationMs + gapsMs(gaps),
    startMs,
    durationMs,
    stages: scenario.stages.length,
    gaps,
    events: isOver ? events : [...events, event].slice(-MAX_EVENTS),
    ...placeIn(scenario, levelAt(piecesToFollow(livePlan), elapsedMs).stage),
  };
  if (active.state !== 'draining') return { ...facts, state: active.state };
  return { ...facts, state: 'draining', why: active.why ?? 'completed', drainedByMs: monotonicMs() };
}

function gapText({ fromAt, toAt, lost }: RunGap): string {
  const length = formatDuration(Math.max(1000, Math.round((toAt - fromAt) / 1000) * 1000));
  return `soakd was gone for ${length}; ${lost} open streams were lost, and the plan continues where it was`;
}

function startText({ name, overrides }: Scenario, note: string | undefined): string {
  return `scenario ${name}${overrides === undefined ? '' : ` with ${overrides}`}${note === undefined ? '' : `; ${note}`}`;
}

/** Returns the difference between the monotonic times of an earlier process and those of this one, ms. */
export function shiftMs({ watch, active }: ResumedRun): number {
  return monotonicMs() - watch.atMs - Math.max(0, Date.now() - active.at);
}
