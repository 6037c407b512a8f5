import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import { formatPercent } from '../core/percent.ts';
import { outcomesText } from '../run/outage-text.ts';
import type { DriftSummary } from './drift-summary.ts';
import { levelsCrossed } from './levels-crossed.ts';
import type { OutageSummary } from './outage-summary.ts';
import { thresholdText } from './reason.ts';
import type { FailureGroup, Summary } from './summary.ts';
import { cut } from './value-text.ts';

/** Lines of each kind. */
const MAX_LINES = 5;
const MAX_DETAIL = 160;

const clip = (name: string): string => cut(name, 40);
const clock = (iso: string): string => iso.slice(11, 19);

/** Returns what went wrong, a sentence each, what decided the verdict first. Of each kind the first few. */
export function problemsOf(summary: Summary): string[] {
  const { thresholds, bottlenecks } = summary;
  const crossed = thresholds.filter((t) => t.result !== 'pass');
  crossed.sort((a, b) => ORDER[a.result] - ORDER[b.result]);
  return [
    ...bounded(crossed, (t) => thresholdText(t) + levelsCrossed(t, summary.levels), 'thresholds'),
    ...deliveredTexts(summary),
    ...bounded(summary.outages, outageText, 'outages', summary.outagesOmitted),
    ...bounded(summary.failures, failureText, 'kinds of failure'),
    ...bounded(bottlenecks, (b) => b.text, 'bottlenecks'),
    ...notStreamedTexts(summary),
    ...driftTexts(summary.drift),
    ...generatorTexts(summary),
    ...tokenTexts(summary),
  ];
}

const ORDER = { fail: 0, inconclusive: 1, 'no-data': 2, pass: 3 } as const;

function bounded<T>(all: readonly T[], text: (one: T) => string, what: string, omitted = 0): string[] {
  const more = all.length - MAX_LINES + omitted;
  return [
    ...all.slice(0, MAX_LINES).map(text),
    ...(more > 0 ? [`and ${number(more)} more ${what}, see --json`] : []),
  ];
}

/** Said where too little of the load was brought for a pass, with what to do. */
function deliveredTexts({ loadDelivered: { ratio, required, perTarget } }: Summary): string[] {
  if (ratio === null || ratio >= required) return [];
  const low = perTarget.filter((t) => t.ratio !== null && t.ratio < required);
  const atLeast = `at least ${formatPercent(required)} is required to pass`;
  if (low.length === 0)
    return [
      `${formatPercent(ratio)} of the planned user time was delivered; ${atLeast}: lower the load, or give soakd more CPU`,
    ];
  return bounded(
    low,
    ({ target, started, due }) =>
      `${number(started)} of ${number(due)} starts were made (${formatPercent(started / due)}) on ${clip(target)}; ${atLeast}: raise the users, lower the rate, or give soakd more CPU`,
    'targets',
  );
}

function outageText({ target, from, to, servedAgainAt, lastedMs, outcomes }: OutageSummary): string {
  const end = servedAgainAt === null ? 'to the end of the run' : `to ${clock(to)} UTC`;
  return `${clip(target)} was down for ${formatDuration(lastedMs)}, from ${clock(from)} ${end}: ${outcomesText({ outcomes })}`;
}

/** A kind of failure, and what the last of them said. */
function failureText({ target, outcome, count, firstAt, lastAt, examples }: FailureGroup): string {
  const when =
    firstAt === null || lastAt === null
      ? ''
      : firstAt === lastAt
        ? ` at ${clock(firstAt)} UTC`
        : ` from ${clock(firstAt)} to ${clock(lastAt)} UTC`;
  const detail = examples.find((e) => e.detail !== undefined)?.detail;
  return `${number(count)} ${outcome} on ${clip(target)}${when}${detail === undefined ? '' : `: ${cut(detail, MAX_DETAIL)}`}`;
}

/** Whether responses were streamed at all. */
function notStreamedTexts({ bufferedTargets, batchedTargets }: Summary): string[] {
  // What is buffered is batched too: once is enough.
  const isBuffered = (target: string) => bufferedTargets.some((b) => b.target === target);
  const batched = batchedTargets.filter((b) => !isBuffered(b.target));
  return [
    ...bounded(
      bufferedTargets,
      ({ target, streams, of }) =>
        `${clip(target)}: ${number(streams)} of ${number(of)} responses arrived at once at their end, as through a buffer on the way; their gaps say nothing. Compare with a probe past it`,
      'targets',
    ),
    ...bounded(
      batched,
      ({ target, chunksPerRead }) =>
        `${clip(target)}: ${chunksPerRead.toFixed(1)} chunks a read: the target, or something on the way, sends several at once`,
      'targets',
    ),
  ];
}

function driftTexts({ found, periodic }: DriftSummary): string[] {
  return bounded(
    [...found, ...periodic],
    ({ target, text }) => (target === null ? text : `${clip(target)}: ${text}`),
    'drifts',
  );
}

function generatorTexts({ generator: { workerRestarts } }: Summary): string[] {
  if (workerRestarts === 0) return [];
  return [
    workerRestarts === 1
      ? 'an engine thread died and was replaced'
      : `${number(workerRestarts)} engine threads died and were replaced`,
  ];
}

function tokenTexts({ usage: { ignoredTokenReports } }: Summary): string[] {
  return ignoredTokenReports > 0
    ? [`${number(ignoredTokenReports)} reports of impossible numbers of tokens were ignored`]
    : [];
}
