import { formatDuration, parseDuration } from '../core/duration.ts';
import { formatCount } from '../core/number.ts';
import type { ActiveRun } from './wire.ts';

/** A change that the reader asks for, with the values as typed. */
export type Change =
  | {
      readonly action: 'start';
      readonly scenario: string;
      readonly users?: string;
      readonly rate?: string;
      readonly for?: string;
      readonly warmUp?: string;
    }
  | { readonly action: 'set'; readonly users?: string; readonly rate?: string; readonly grace?: string }
  | { readonly action: 'extend'; readonly by: string }
  | { readonly action: 'stop'; readonly grace?: string }
  | { readonly action: 'pause' | 'resume' | 'skip' };

/** A request of the API. */
export interface ApiRequest {
  readonly method: 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

/** What a change asks of the API, what will happen, and what has to be typed first. */
export interface Effect {
  readonly request: ApiRequest;
  /** Heading of the confirmation, a question. */
  readonly question: string;
  /** What will happen, a sentence each. */
  readonly effects: readonly string[];
  /** What is wrong with the values; `null`: nothing. */
  readonly issue: string | null;
  /** Whether streams are cut or a run ends. */
  readonly severe: boolean;
}

const CURRENT = '/api/v1/runs/current';
/** Grace period of a stop without another one, ms. */
const GRACE_MS = 8000;

/** Returns the effect of a change on the active run. */
export function effectOf(change: Change, run: ActiveRun | null): Effect {
  if (change.action === 'start') return startEffect(change);
  const active = run?.progress.active ?? 0;
  const open = `${formatCount(active)} open ${active === 1 ? 'stream' : 'streams'}`;
  const left = formatDuration(run?.progress.leftMs ?? 0);
  const post = (path: string, body?: object): ApiRequest => ({
    method: 'POST',
    path: `${CURRENT}/${path}`,
    ...(body === undefined ? {} : { body }),
  });
  switch (change.action) {
    case 'pause':
      return {
        request: post('pause'),
        question: 'Pause the run?',
        effects: [
          'No new streams start until you resume.',
          `The ${open} continue to their end.`,
          `The clock of the plan stops: ${left} stay left.`,
        ],
        issue: null,
        severe: false,
      };
    case 'resume':
      return {
        request: post('resume'),
        question: 'Resume the run?',
        effects: [`The plan continues where it was paused, with ${left} left.`],
        issue: null,
        severe: false,
      };
    case 'skip':
      return {
        request: post('skip'),
        question: 'Skip the rest of this stage?',
        effects: [skipText(run)],
        issue: null,
        severe: run !== null && run.progress.stage + 1 >= run.progress.stages,
      };
    case 'extend': {
      const byMs = parseDuration(change.by);
      return {
        request: post('extend', { by: change.by }),
        question: 'Extend this stage?',
        effects: [
          `The stage lasts ${change.by} longer, at the level with which it would have ended.`,
          `The run ends ${change.by} later, in ${formatDuration((run?.progress.leftMs ?? 0) + (byMs ?? 0))}.`,
        ],
        issue: byMs === undefined || byMs === 0 ? durationIssue('the time to add', change.by) : null,
        severe: false,
      };
    }
    case 'stop': {
      const grace = change.grace ?? '';
      const graceMs = grace === '' ? GRACE_MS : parseDuration(grace);
      return {
        request: post('stop', grace === '' ? {} : { grace }),
        question: 'Stop the run?',
        effects: [
          'No new streams start, and the run ends. You cannot resume it.',
          `The ${open} have ${formatDuration(graceMs ?? 0)} to end; soakd then cancels them.`,
          'The verdict counts what was measured until now.',
        ],
        issue: graceMs === undefined ? durationIssue('the grace period', grace) : null,
        severe: true,
      };
    }
    case 'set':
      return setEffect(change, run);
  }
}

function skipText(run: ActiveRun | null): string {
  if (run === null) return 'The next stage starts.';
  const { stage, stages } = run.progress;
  if (stage + 1 >= stages)
    return 'This is the last stage: no new streams start, and the run ends after its open streams.';
  return `Stage ${stage + 2} of ${stages} starts at once.`;
}

function setEffect(change: Extract<Change, { action: 'set' }>, run: ActiveRun | null): Effect {
  const isRate = change.rate !== undefined;
  const text = (isRate ? change.rate : change.users) ?? '';
  const value = Number(text);
  const valid =
    text.trim() !== '' && Number.isFinite(value) && value >= 0 && (isRate || Number.isInteger(value));
  const grace = change.grace ?? '';
  const graceIssue = grace !== '' && parseDuration(grace) === undefined;
  const level = isRate ? `${text} streams per second` : `${text} virtual users`;
  const desired = run?.progress.desired ?? 0;
  const lower = !isRate && valid && value < desired;
  return {
    request: {
      method: 'PATCH',
      path: CURRENT,
      body: isRate ? { rate: value } : { users: value, ...(grace === '' ? {} : { grace }) },
    },
    question: 'Change the load?',
    effects: [
      isRate
        ? `soakd starts ${level} for the rest of the stage.`
        : `The load changes from ${formatCount(desired)} to ${level} for the rest of the stage.`,
      ...(lower
        ? [
            grace === ''
              ? 'Streams above the new level continue to their end.'
              : `Streams above the new level have ${grace} to end; soakd then cancels them.`,
          ]
        : []),
      'Later stages of the plan keep their own level.',
    ],
    issue: !valid
      ? `found ${JSON.stringify(text)}, expected ${isRate ? 'a number of streams per second' : 'a whole number of virtual users'} of at least 0`
      : graceIssue
        ? durationIssue('the grace period', grace)
        : null,
    severe: valid && value === 0,
  };
}

function startEffect(change: Extract<Change, { action: 'start' }>): Effect {
  const { scenario } = change;
  const users = filled(change.users);
  const rate = filled(change.rate);
  const length = filled(change.for);
  const warmUp = filled(change.warmUp);
  const level =
    users !== undefined
      ? `${users} virtual users`
      : rate !== undefined
        ? `${rate} streams per second`
        : undefined;
  const issue =
    scenario === ''
      ? 'choose a scenario'
      : users !== undefined && rate !== undefined
        ? 'fill in users or rate, not both'
        : users !== undefined && !(Number.isInteger(Number(users)) && Number(users) >= 1)
          ? `found ${JSON.stringify(users)}, expected a whole number of virtual users of at least 1`
          : rate !== undefined && !(Number(rate) > 0)
            ? `found ${JSON.stringify(rate)}, expected a number of streams per second above 0`
            : length !== undefined && !parseDuration(length)
              ? durationIssue('the duration', length)
              : warmUp !== undefined && parseDuration(warmUp) === undefined
                ? durationIssue('the warm-up', warmUp)
                : null;
  return {
    request: {
      method: 'POST',
      path: '/api/v1/runs',
      body: {
        scenario,
        ...(users === undefined ? {} : { users: Number(users) }),
        ...(rate === undefined ? {} : { rate: Number(rate) }),
        ...(length === undefined ? {} : { for: length }),
        ...(warmUp === undefined ? {} : { warmUp }),
      },
    },
    question: `Start ${scenario === '' ? 'a run' : scenario}?`,
    effects: [
      level === undefined && length === undefined
        ? 'The stages of the scenario run as configured.'
        : `All stages are replaced by one level: ${level ?? 'the peak of the scenario'} for ${length ?? 'the time of all stages'}.`,
      ...(warmUp === undefined
        ? []
        : [`The first ${warmUp} count neither for the verdict nor for the summary.`]),
      'Load on the targets of the scenario begins at once.',
    ],
    issue,
    severe: false,
  };
}

function filled(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === '' ? undefined : trimmed;
}

function durationIssue(what: string, found: string): string {
  return `${what}: found ${JSON.stringify(found)}, expected a duration, for example 10m`;
}
