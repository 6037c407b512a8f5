import { formatCount } from '../core/number.ts';
import { adviceFor } from './advice.ts';
import type { FailedStream, LiveThreshold, RunEvent, RunWindow, Status, Summary } from './wire.ts';

/** Level of the state, best first for an active run; `idle`: nothing runs and nothing has run. */
export type Level = 'ok' | 'warn' | 'bad' | 'paused' | 'idle';

/** Something that is wrong now. */
export interface Issue {
  readonly severity: 'warn' | 'bad';
  /** `null`: soakd itself. */
  readonly target: string | null;
  readonly text: string;
  /** ISO 8601; `null`: not known. */
  readonly sinceAt: string | null;
  /** What to do. */
  readonly action: string;
}

export interface Health {
  readonly level: Level;
  /** A few words, the answer to "is all well?". */
  readonly word: string;
  /** Why, in a sentence. */
  readonly reason: string;
  /** Since when it is so, ISO 8601; `null`: not known. */
  readonly sinceAt: string | null;
  /** The most serious first. */
  readonly issues: readonly Issue[];
}

/** What the page knows of the active run. */
export interface Known {
  readonly status: Status;
  /** `null`: the server has no such route, or it has not answered yet. */
  readonly thresholds: readonly LiveThreshold[] | null;
  readonly windows: readonly RunWindow[];
  readonly failures: readonly FailedStream[];
}

/** Time over which failed streams count as a state of now, ms. */
const RECENT_MS = 60_000;
/** Share of failed streams above which they are an issue, without a limit of the configuration. */
const MAX_FAILED = 0.01;
/** Share of failed streams from which they are serious, and the failures that it needs: one of two says little. */
const BAD_FAILED = 0.05;
const MIN_FAILED = 3;

/** Returns the state of soakd in a few words, with what is wrong, since when, and what to do. */
export function healthOf(known: Known): Health {
  const { status } = known;
  const issues = issuesOf(known);
  if (status.run === null) return idleHealth(status, issues);
  const { run } = status;
  const [first] = issues;
  if (run.state === 'paused') {
    const pausedAt = run.events.findLast((e) => e.action === 'pause')?.at ?? null;
    return { level: 'paused', word: 'Paused', reason: 'No new streams start.', sinceAt: pausedAt, issues };
  }
  if (first !== undefined)
    return {
      level: first.severity,
      word: first.severity === 'bad' ? 'Unhealthy' : 'Needs attention',
      reason: first.target === null ? first.text : `${first.target}: ${first.text}`,
      sinceAt: first.sinceAt,
      issues,
    };
  if (run.state === 'draining')
    return {
      level: 'ok',
      word: 'Ending',
      reason: 'Open streams end; no new ones start.',
      sinceAt: null,
      issues,
    };
  const ended = known.windows.some((w) => w.targets.some((t) => t.streams.results.success > 0));
  if (!ended && run.progress.success === null)
    return {
      level: 'ok',
      word: 'Started',
      reason: 'No stream has ended yet, so there is nothing to evaluate.',
      sinceAt: run.startedAt,
      issues,
    };
  return {
    level: 'ok',
    word: 'Healthy',
    reason: 'No limit is crossed, and streams succeed.',
    sinceAt: wellSince(known),
    issues,
  };
}

/** Returns the state while soakd does not answer. @param heardMs its last answer, ms since 1970 */
export function lostHealth(heardMs: number): Health {
  const sinceAt = new Date(heardMs).toISOString();
  const text = 'soakd does not answer, so what is below is from before. The page connects again by itself.';
  const action = 'Check that soakd runs, and the network between it and this browser.';
  const issue: Issue = { severity: 'warn', target: null, text, sinceAt, action };
  return { level: 'warn', word: 'Disconnected', reason: text, sinceAt, issues: [issue] };
}

/** Returns the end of the last time in which something was wrong, else the start of the run. */
function wellSince({ status, thresholds, windows }: Known): string {
  const ends = (thresholds ?? []).flatMap((t) => t.crossings.flatMap(({ toAt }) => toAt ?? []));
  const failing = windows.findLast((w) => w.targets.some((t) => failedShare([t]) > MAX_FAILED));
  const last = [...ends, ...(failing === undefined ? [] : [failing.toAt])].sort().at(-1);
  return last ?? status.run!.startedAt;
}

function idleHealth({ last, state, history }: Status, issues: readonly Issue[]): Health {
  if (state === 'starting')
    return { level: 'ok', word: 'Starting', reason: 'soakd prepares a run.', sinceAt: null, issues };
  if (last === null) {
    const reason =
      history === null ? 'No run yet, and no history is kept.' : 'No run yet: start one under Control.';
    return { level: issues[0]?.severity ?? 'idle', word: 'Nothing runs', reason, sinceAt: null, issues };
  }
  const { level, word } = VERDICTS[last.verdict];
  return {
    level,
    word: `Nothing runs. Previous run: ${word}`,
    reason: last.verdictReason,
    sinceAt: last.run.endedAt,
    issues,
  };
}

/** How a verdict is shown. */
export const VERDICTS: Readonly<
  Record<Summary['verdict'], { readonly level: Level; readonly word: string }>
> = {
  pass: { level: 'ok', word: 'passed' },
  fail: { level: 'bad', word: 'failed' },
  inconclusive: { level: 'warn', word: 'inconclusive' },
  aborted: { level: 'warn', word: 'stopped early' },
};

function issuesOf(known: Known): readonly Issue[] {
  const { status } = known;
  const issues =
    status.run === null ? [] : [...downIssues(known), ...crossedIssues(known), ...windowIssues(known)];
  if (status.history?.failing != null)
    issues.push({
      severity: 'warn',
      target: null,
      text: `the history cannot be written: ${status.history.failing}`,
      sinceAt: null,
      action: `Free space or fix permissions at ${status.history.path}; soakd tries again every second.`,
    });
  return issues.sort((a, b) => ORDER[a.severity] - ORDER[b.severity]);
}

const ORDER = { bad: 0, warn: 1 } as const;

/** What fails all streams of a target says more than each limit of success that it crosses. */
function downIssues({ status, failures }: Known): Issue[] {
  const { events, progress } = status.run!;
  return progress.targets.flatMap(({ name }): Issue[] => {
    const sinceAt = downSince(events, name);
    if (sinceAt === null) return [];
    const { latest, action } = latestFailure(failures, name);
    return [{ severity: 'bad', target: name, text: `down: no stream succeeds${latest}`, sinceAt, action }];
  });
}

/** Returns how the latest failed stream of a target ended, to be added to a text, and what to do. */
function latestFailure(
  failures: readonly FailedStream[],
  name: string,
): { readonly latest: string; readonly action: string } {
  const outcome = failures.find((f) => f.target === name)?.outcome;
  return outcome === undefined
    ? { latest: '', action: 'Read the failed streams below.' }
    : { latest: `, latest: ${outcome}`, action: adviceFor(outcome).action };
}

function crossedIssues({ status, thresholds, windows }: Known): Issue[] {
  const { events } = status.run!;
  return (thresholds ?? [])
    .filter(({ state, target, measure }) => {
      return state === 'crossed' && !(measure === 'success' && downSince(events, target) !== null);
    })
    .map(({ target, measure, text, action, crossings, abort }) => {
      const hasRecovered = measure === 'success' && succeedsAgain(windows, target);
      return {
        severity: hasRecovered ? ('warn' as const) : ('bad' as const),
        target,
        text: hasRecovered ? `${text} in the window of its alert, but all streams succeed again` : text,
        sinceAt: crossings.at(-1)?.fromAt ?? null,
        action: [
          hasRecovered
            ? 'Nothing: the alert ends when the failures have left its window.'
            : (action ?? 'See the plots below.'),
          ...(abort ? ['The run ends early because of this limit.'] : []),
        ].join(' '),
      };
    });
}

/** Returns whether streams of a target succeeded in the latest windows of half a minute, and none failed. */
function succeedsAgain(windows: readonly RunWindow[], name: string): boolean {
  const lastAt = Date.parse(windows.at(-1)?.toAt ?? '');
  const own = windows
    .filter(({ toAt }) => Date.parse(toAt) > lastAt - RECENT_MS / 2)
    .flatMap(({ targets }) => targets.filter(({ target }) => target === name));
  const { failed, ended } = endedIn(own);
  return failed === 0 && ended > 0;
}

type TargetWindow = RunWindow['targets'][number];

/** Returns failed over ended streams; 0 without any. */
function failedShare(targets: readonly TargetWindow[]): number {
  const { failed, ended } = endedIn(targets);
  return ended === 0 ? 0 : failed / ended;
}

function endedIn(targets: readonly TargetWindow[]): { readonly failed: number; readonly ended: number } {
  const failed = targets.reduce((sum, t) => sum + t.streams.results.failed, 0);
  return { failed, ended: failed + targets.reduce((sum, t) => sum + t.streams.results.success, 0) };
}

function windowIssues({ status, thresholds, windows, failures }: Known): Issue[] {
  const lastAt = Date.parse(windows.at(-1)?.toAt ?? '');
  const recent = windows.filter(({ toAt }) => Date.parse(toAt) > lastAt - RECENT_MS);
  const names = status.run!.progress.targets.map(({ name }) => name);
  const issues = names.flatMap((name): Issue[] => {
    const own = recent
      .map((w) => w.targets.find(({ target }) => target === name))
      .filter((t) => t !== undefined);
    const share = failedShare(own);
    const { failed, ended } = endedIn(own);
    const crossed = (thresholds ?? []).some(
      (t) => t.target === name && t.state === 'crossed' && t.measure === 'success',
    );
    const silent = own.at(-1)?.streams.stalled ?? 0;
    const { latest, action } = latestFailure(failures, name);
    return [
      ...(share > MAX_FAILED && !crossed && downSince(status.run!.events, name) === null
        ? [
            {
              severity: share >= BAD_FAILED && failed >= MIN_FAILED ? ('bad' as const) : ('warn' as const),
              target: name,
              text: `${formatCount(failed)} of ${formatCount(ended)} streams failed in the last minute${latest}`,
              sinceAt: failingSince(windows, name),
              action,
            },
          ]
        : []),
      ...(silent > 0
        ? [
            {
              severity: 'warn' as const,
              target: name,
              text: `${silent} open ${silent === 1 ? 'stream is' : 'streams are'} silent`,
              sinceAt: null,
              action: adviceFor('stalled').action,
            },
          ]
        : []),
    ];
  });
  if (recent.some(({ measurementQuality }) => measurementQuality.unreliable > 0))
    issues.push({
      severity: 'warn',
      target: null,
      text: 'soakd itself was late in the last minute, so timings are unreliable',
      sinceAt: recent.find(({ measurementQuality }) => measurementQuality.unreliable > 0)!.fromAt,
      action: 'Give soakd more CPU, or lower the load; see generator health below.',
    });
  return issues;
}

/** Returns since when a target has been down, as the latest event about it says; `null`: it is not. */
export function downSince(events: readonly RunEvent[], name: string): string | null {
  const down = `${name} has been down since `;
  const latest = events.findLast(
    ({ action, detail }) =>
      action === 'outage' && (detail.startsWith(down) || detail.startsWith(`${name} is up again`)),
  );
  if (latest === undefined || !latest.detail.startsWith(down)) return null;
  return /^\S+Z(?=:)/.exec(latest.detail.slice(down.length))?.[0] ?? null;
}

/** Returns the start of the latest windows in a row in which streams of a target failed. */
export function failingSince(windows: readonly RunWindow[], name: string): string | null {
  let since: string | null = null;
  for (const window of windows.toReversed()) {
    const own = window.targets.filter(({ target }) => target === name);
    const ended = own.some((t) => t.streams.results.success + t.streams.results.failed > 0);
    if (ended && failedShare(own) <= MAX_FAILED) break;
    if (ended) since = window.fromAt;
  }
  return since;
}
