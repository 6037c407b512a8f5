import type { Control } from '../core/control.ts';
import { formatDuration } from '../core/duration.ts';
import { SoakError } from '../core/errors.ts';
import type { Limits, Model } from '../core/scenario.ts';
import { endMs, extend, type LivePlan, pause, resume, setLevel, skip } from '../load/live-plan.ts';

/** Any change of a run except its stop. */
export type Change = Exclude<Control, { action: 'stop' }>;

export interface AdjustContext {
  /** From the start of the run. */
  readonly nowMs: number;
  readonly state: 'running' | 'paused';
  readonly model: Model;
  readonly limits: Limits;
}

export interface Adjusted {
  readonly livePlan: LivePlan;
  readonly state: 'running' | 'paused';
  /** Description of the change, for a person. */
  readonly detail: string;
}

/**
 * Applies a change to the live plan of a run.
 * @throws SoakError NOT_RUNNING (pause of a paused run, resume of a run that is not paused), LIMIT_EXCEEDED, USAGE
 * (users of an open model, rate of a closed one)
 */
export function adjust(
  livePlan: LivePlan,
  change: Change,
  { nowMs, state, model, limits }: AdjustContext,
): Adjusted {
  switch (change.action) {
    case 'set': {
      const level = levelOf(change, model, limits);
      return { livePlan: setLevel(livePlan, nowMs, level, change.rampMs), state, detail: levelText(change) };
    }
    case 'pause':
      if (state === 'paused') throw new SoakError('NOT_RUNNING', 'the run is paused already');
      return {
        livePlan: pause(livePlan, nowMs),
        state: 'paused',
        detail: 'no new starts; open streams continue to their end',
      };
    case 'resume':
      if (state !== 'paused') throw new SoakError('NOT_RUNNING', 'the run is not paused');
      return {
        livePlan: resume(livePlan, nowMs),
        state: 'running',
        detail: `after ${short(nowMs - livePlan.pausedAtMs!)}`,
      };
    case 'skip': {
      const left = endMs(livePlan, nowMs) - nowMs;
      const skipped = skip(livePlan, nowMs);
      const by = left - (endMs(skipped, nowMs) - nowMs);
      return { livePlan: skipped, state, detail: `the rest of the stage, ${short(by)}` };
    }
    case 'extend': {
      const planned = endMs({ ...livePlan, pausedAtMs: nowMs }, nowMs) - livePlan.pausesMs + change.byMs;
      if (planned > limits.maxDurationMs) {
        throw new SoakError(
          'LIMIT_EXCEEDED',
          `found a run of ${short(planned)} with these ${formatDuration(change.byMs)}, expected at most ` +
            `${formatDuration(limits.maxDurationMs)} (limits.maxDuration)`,
        );
      }
      return {
        livePlan: extend(livePlan, nowMs, change.byMs),
        state,
        detail: `by ${formatDuration(change.byMs)}`,
      };
    }
  }
}

type SetLevel = Extract<Control, { action: 'set' }>;

function levelOf(change: SetLevel, model: Model, { maxUsers, maxRate }: Limits): number {
  if ('users' in change) {
    if (model.kind === 'open') {
      throw new SoakError(
        'USAGE',
        'found users, expected rate: the scenario has the open model, streams a second',
      );
    }
    if (change.users > maxUsers) {
      throw new SoakError(
        'LIMIT_EXCEEDED',
        `found ${change.users} users, expected at most ${maxUsers} (limits.maxUsers)`,
      );
    }
    return change.users;
  }
  if (model.kind === 'closed') {
    throw new SoakError('USAGE', 'found rate, expected users: the scenario has the closed model');
  }
  if (change.rate > maxRate) {
    throw new SoakError(
      'LIMIT_EXCEEDED',
      `found a rate of ${change.rate} a second, expected at most ${maxRate} (limits.maxRate)`,
    );
  }
  return change.rate;
}

function levelText(change: SetLevel): string {
  const ramp = change.rampMs === undefined ? '' : ` after a ramp of ${formatDuration(change.rampMs)}`;
  if (!('users' in change)) return `${change.rate} streams a second for the rest of the stage${ramp}`;
  const grace =
    change.graceMs === undefined
      ? ''
      : `; open streams above that are cancelled after ${formatDuration(change.graceMs)}`;
  return `${change.users} users for the rest of the stage${ramp}${grace}`;
}

/** Formats a duration, rounded to seconds. */
function short(ms: number): string {
  return formatDuration(Math.max(0, Math.round(ms / 1000) * 1000));
}
