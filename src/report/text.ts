import { OUTCOME_HELP } from '../catalog/outcomes.ts';
import { formatDuration } from '../core/duration.ts';
import type { Stats } from '../core/histogram.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import { formatPercent } from '../core/percent.ts';
import type { Verdict } from '../core/run.ts';
import type { Usage } from '../run/budget.ts';
import type { DriftSummary } from './drift-summary.ts';
import { REASONS, verdictReason } from './reason.ts';
import type { TargetSummary } from './streams-summary.ts';
import type { FailureGroup, Summary } from './summary.ts';

const MARKS = { pass: '✓', fail: '✗', inconclusive: '?', 'no-data': '–' } as const;

/** The summary for a person, in lines of at most 110 columns. */
export function summaryText(summary: Summary): string {
  const { streams, run } = summary;
  const lasted = Date.parse(run.endedAt) - Date.parse(run.startedAt);
  const finished = OUTCOMES.map((o) => [o, streams.finished[o]] as const).filter(([, n]) => n > 0);
  const count = (result: string) =>
    finished.reduce((sum, [o, n]) => sum + (resultOf(o) === result ? n : 0), 0);
  const judged = count('success') + count('failed');
  return [
    '',
    `  verdict     ${summary.verdict.toUpperCase()}: ${verdictReason(summary)}`,
    ...(summary.reason === 'completed' || summary.verdict === 'aborted'
      ? []
      : [`  ended       ${REASONS[summary.reason]}`]),
    `  run         ${run.id}, scenario ${run.scenario}`,
    `  time        ${formatDuration(lasted)} from ${run.startedAt}`,
    ...eventLines(run),
    '',
    `  streams     ${number(streams.started)} started, ${number(judged)} judged: ${ratio(count('success'), judged)} success` +
      `${streams.dropped > 0 ? `, ${number(streams.dropped)} dropped` : ''}${streams.active > 0 ? `, ${number(streams.active)} open` : ''}`,
    ...deliveredLines(summary),
    ...finished.map(([o, n]) => `    ${number(n).padStart(9)}  ${o.padEnd(18)} ${OUTCOME_HELP[o]}`),
    `  received    ${number(summary.chunks)} chunks in ${number(summary.reads)} reads`,
    `              ${number(summary.bytes)} bytes, ${number(summary.contentCharacters)} characters of content`,
    ...tokenLines(summary),
    ...qualityLines(summary),
    ...targetTable(summary.targets),
    '',
    `  ${''.padEnd(14)}${['count', 'mean', 'p50', 'p95', 'p99', 'max'].map((h) => h.padStart(10)).join('')}`,
    row('connect', summary.connectMs),
    row('headers', summary.headersMs),
    row('TTFB', summary.ttfbMs),
    row('TTFT', summary.ttftMs),
    row('chunk gap', summary.gapMs),
    row('TPOT', summary.tpotMs),
    row('duration', summary.durationMs),
    row('effective', summary.effectiveDurationMs),
    row('schedule lag', summary.scheduleLagMs),
    ...honestyLines(summary),
    '',
    ...summary.thresholds.flatMap(threshold),
    ...driftLines(summary.drift),
    ...summary.failures.flatMap(failure),
    `  generator   ${summary.generator.cpuSeconds.toFixed(1)} s CPU, ${(summary.generator.rssMaxBytes / 1048576).toFixed(0)} MiB at most${restarted(summary.generator)}`,
    '',
  ].join('\n');
}

/** Shown where too little of the load was brought for a pass, with what to do. */
function deliveredLines({ loadDelivered: { ratio: whole, required, perTarget } }: Summary): string[] {
  if (whole === null || whole >= required) return [];
  const low = perTarget.filter((t) => t.ratio !== null && t.ratio < required);
  const atLeast = `at least ${formatPercent(required)} is required to pass`;
  if (low.length === 0)
    return [
      `  load        ${formatPercent(whole)} of the planned user time was delivered; ${atLeast}`,
      '              lower the load, or give soakd more CPU',
    ];
  return [
    ...low.map(
      ({ target, started, due }) =>
        `  load        ${number(started)} of ${number(due)} starts were made (${ratio(started, due)}) on ${clip(target)}`,
    ),
    `              ${atLeast}: raise the users, lower the rate, or give soakd more CPU`,
  ];
}

/** Targets in the table: the others are in the JSON. */
const TARGETS = 20;
const TARGET_HEADS = ['streams', 'success', 'TTFB p95', 'TTFT p95', 'gap p95', 'duration'];

/** One row for each of several targets, the one that fails most on top. Durations are means. */
function targetTable(targets: readonly TargetSummary[]): string[] {
  if (targets.length < 2) return [];
  const rows = targets.map((t) => {
    const { success, failed } = resultsOf(t);
    const finished = success + failed;
    const ms = (v: number | null): string => (v === null ? '–' : formatDuration(v));
    const cells = [
      number(t.streams.started),
      ratio(success, finished),
      ms(t.ttfbMs.p95),
      ms(t.ttftMs.p95),
      ms(t.gapMs.p95),
      ms(t.durationMs.mean),
    ];
    return { share: finished === 0 ? -1 : success / finished, line: tableRow(cut(t.name, 34), cells) };
  });
  rows.sort((a, b) => a.share - b.share);
  const more = rows.length - TARGETS;
  return [
    '',
    tableRow('target', TARGET_HEADS),
    ...rows.slice(0, TARGETS).map(({ line }) => line),
    ...(more > 0 ? [`  and ${number(more)} more`] : []),
  ];
}

const tableRow = (name: string, cells: readonly string[]): string =>
  `  ${name.padEnd(36)}${cells.map((c) => c.padStart(11)).join('')}`;

function resultsOf({ streams }: TargetSummary): { success: number; failed: number } {
  const results = { success: 0, failed: 0 };
  for (const outcome of OUTCOMES) {
    const result = resultOf(outcome);
    if (result === 'success' || result === 'failed') results[result] += streams.finished[outcome];
  }
  return results;
}

/** What was asked for, and how far that is an estimate. */
function tokenLines({ usage, outputTokensPerSecond, tpotByChunks }: Summary): string[] {
  const { inputTokens, outputTokens, estimatedOutputTokens, ignoredTokenReports }: Usage = usage;
  if (outputTokens === 0 && ignoredTokenReports === 0) return [];
  const estimate =
    estimatedOutputTokens === 0
      ? ''
      : estimatedOutputTokens === outputTokens
        ? ', all of it estimated: not reported'
        : `, ${number(estimatedOutputTokens)} of it estimated`;
  return [
    `  tokens      ${number(inputTokens)} input, ${number(outputTokens)} output${estimate}`,
    ...(outputTokensPerSecond > 0
      ? [`              ${outputTokensPerSecond.toFixed(1)} output tokens a second`]
      : []),
    ...(tpotByChunks > 0
      ? [
          `              TPOT of ${number(tpotByChunks)} streams rests on chunks: their tokens were not reported`,
        ]
      : []),
    ...(ignoredTokenReports === 0
      ? []
      : [`              ${number(ignoredTokenReports)} reports of impossible numbers were ignored`]),
  ];
}

/** Targets that are shown of those that were not streamed. */
const NOT_STREAMED = 5;

/** Goodput, and whether responses were streamed at all. */
function qualityLines({ goodput, bufferedTargets, batchedTargets }: Summary): string[] {
  const lines: string[] = [];
  if (goodput !== null)
    lines.push(
      `  goodput     ${ratio(goodput.within, goodput.finished)}: ${number(goodput.within)} of ${number(goodput.finished)} streams met the objective`,
    );
  if (bufferedTargets.length > 0)
    lines.push(
      '  buffered    something on the way buffers responses: they arrive at once, at their end, and their gaps',
      '              say nothing; compare with a probe past it',
      ...listed(
        bufferedTargets.map((b) => `${clip(b.target)}: ${number(b.streams)} of ${number(b.of)} responses`),
      ),
    );
  // What is buffered is batched too: once is enough.
  const isBuffered = (target: string) => bufferedTargets.some((b) => b.target === target);
  const batched = batchedTargets.filter((b) => !isBuffered(b.target));
  if (batched.length > 0)
    lines.push(
      '  batched     the target, or something on the way, sends several chunks at once',
      ...listed(batched.map((b) => `${clip(b.target)}: ${b.chunksPerRead.toFixed(1)} chunks a read`)),
    );
  return lines;
}

function listed(all: readonly string[]): string[] {
  const more = all.length - NOT_STREAMED;
  return [...all.slice(0, NOT_STREAMED), ...(more > 0 ? [`and ${number(more)} more`] : [])].map(
    (text) => `              ${text}`,
  );
}

/** What the timings may be too long by, and whether they count. */
function honestyLines({ ttfbMs: { errorBar }, honesty }: Summary): string[] {
  const bar =
    errorBar === null
      ? 'unknown: the canary told nothing'
      : `p50 ${formatDuration(errorBar.p50)}, p99 ${formatDuration(errorBar.p99)} (${number(errorBar.count)} samples)`;
  const line = `  error bar     what timings may be too long by: ${bar}`;
  if (honesty.suspect === 0) return [line];
  const { suspect, windows, worstLagMs, limitMs } = honesty;
  const worst = worstLagMs === null ? '' : `, at worst ${formatDuration(worstLagMs)}`;
  return [
    line,
    `  suspect       ${number(suspect)} of ${number(windows)} windows of 5 s: p99 of lag over ${formatDuration(limitMs)}, or unknown${worst}`,
    '                a limit within that lag of its value is inconclusive: lower the load, or give soakd more CPU',
  ];
}

function restarted({ workerRestarts }: Summary['generator']): string {
  if (workerRestarts === 0) return '';
  return workerRestarts === 1
    ? ', an engine thread died and was replaced'
    : `, ${number(workerRestarts)} engine threads died and were replaced`;
}

/** Times that are shown of each threshold. */
const CROSSINGS = 3;
/** Changes that are shown of a run. */
const EVENTS = 10;

/** What was done to the run; by whom it was started says little. */
function eventLines({ events, startedAt }: Summary['run']): string[] {
  const changes = events.filter((e) => e.action !== 'start');
  const shown = changes.slice(-EVENTS).map(({ at, action, by, detail }) => {
    const after = formatDuration(Math.max(0, Date.parse(at) - Date.parse(startedAt)));
    return `  ${after.padStart(10)}  ${action} by ${by}: ${detail}`;
  });
  const more = changes.length - shown.length;
  return more > 0 ? [`              ${number(more)} changes before these`, ...shown] : shown;
}

function row(name: string, stats: Stats): string {
  const cells = [stats.mean, stats.p50, stats.p95, stats.p99, stats.max].map((v) =>
    v === null ? '–' : formatDuration(v),
  );
  return `  ${name.padEnd(14)}${[number(stats.count), ...cells].map((c) => c.padStart(10)).join('')}`;
}

function threshold(verdict: Verdict): string[] {
  const show = (v: number) => (verdict.unit === 'ms' ? formatDuration(v) : formatPercent(v));
  const observed = verdict.observed === undefined ? 'no data' : show(verdict.observed);
  const limit = `${verdict.op === '<' ? 'at least' : 'at most'} ${show(verdict.limit)}`;
  const line = `  ${MARKS[verdict.judgement]} ${verdict.threshold.padEnd(14)} ${clip(verdict.target).padEnd(16)} ${observed.padStart(9)}   (${limit})`;
  const { crossed } = verdict;
  const shown = crossed.slice(0, CROSSINGS).map(({ fromAt, toAt }) => {
    const until =
      toAt === undefined ? 'to the end of the run' : `for ${formatDuration(Math.max(0, toAt - fromAt))}`;
    return `      crossed at ${new Date(fromAt).toISOString()} ${until}`;
  });
  const more = crossed.length - shown.length;
  return [line, ...shown, ...(more > 0 ? [`      and ${number(more)} times more`] : [])];
}

/** Figures that climb are shown of each run. */
const DRIFTS = 10;

function driftLines({ judged, found, swings }: DriftSummary): string[] {
  if (judged === 0)
    return ['  drift       not judged: it takes ten minutes after the warm-up, at a steady load'];
  if (found.length + swings.length === 0) return [`  drift       none found in ${number(judged)} figures`];
  const all = [...found, ...swings].map(({ target, text }) =>
    target === null ? text : `${clip(target)}: ${text}`,
  );
  const more = all.length - DRIFTS;
  const shown = [...all.slice(0, DRIFTS), ...(more > 0 ? [`and ${number(more)} more`] : [])];
  return shown.flatMap(wrapped).map((line, i) => `${i === 0 ? '  drift       ' : '              '}${line}`);
}

/** @returns lines of at most 96 columns, which is what is left beside a label */
function wrapped(text: string): string[] {
  return (text.match(/\S.{0,92}\S(?=\s|$)/gu) ?? [text]).map((line, i) => (i === 0 ? line : `  ${line}`));
}

/** A kind of failure, and what the last of them said. */
function failure({ target, outcome, count, examples }: FailureGroup): string[] {
  const said = new Set(examples.map((e) => e.detail).filter((d) => d !== undefined));
  return [
    `  failed      ${number(count)} ${outcome} on ${clip(target)}`,
    ...[...said].map((detail) => `              ${detail.slice(0, 90)}`),
  ];
}

/** Names may have 63 characters. */
function clip(name: string): string {
  return cut(name, 40);
}

function cut(name: string, columns: number): string {
  return name.length <= columns ? name : `${name.slice(0, columns - 1)}…`;
}

/** @returns a whole number with thin groups: 1 234 567 */
export function number(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ' ');
}

export function ratio(part: number, whole: number): string {
  return whole === 0 ? '–' : formatPercent(part / whole);
}
