import { formatDuration } from '../core/duration.ts';
import { formatPercent, formatCount as number } from '../core/number.ts';
import { resultOf } from '../core/outcome.ts';
import { notLoaded } from '../run/delivered.ts';
import { outcomesText } from '../run/outage-text.ts';
import type { DriftSummary } from '../schema/drift.ts';
import type { FailureGroup, OutageSummary, Summary } from '../schema/summary.ts';
import { levelLoad } from './level-text.ts';
import { notLoadedText, thresholdText, worstFirst } from './reason.ts';
import { isSequence } from './turns.ts';
import { cut, type MoreIn } from './value-text.ts';

/** Lines of each kind. */
const MAX_LINES = 5;
const MAX_DETAIL = 100;
/** Truncated streams from which a wrong terminal is likely. */
const MIN_TRUNCATED = 3;
/** Share of the run that users spent waiting after failures, from which on it is reported. */
const MIN_BACKOFF = 0.5;

type Target = Summary['targets'][number];

const clip = (name: string): string => cut(name, 40);
const clock = (iso: string): string => iso.slice(11, 19);

/** Returns what went wrong, a sentence each, what decided the verdict first. Of each kind the first few. */
export function problemsOf(summary: Summary, more: MoreIn): string[] {
  const { thresholds, bottlenecks } = summary;
  const bounded: Bounded = (all, text, what, omitted = 0) => {
    const left = all.length - MAX_LINES + omitted;
    return [
      ...all.slice(0, MAX_LINES).map(text),
      ...(left > 0 ? [`and ${number(left)} more ${what}, see ${more.json}`] : []),
    ];
  };
  const crossed = worstFirst(thresholds.filter((t) => t.result !== 'pass'));
  crossed.sort((a, b) => ORDER[a.result] - ORDER[b.result]);
  return [
    ...bounded(crossed, (t) => thresholdText(t) + levelsText(t, summary), 'thresholds'),
    ...deliveredTexts(summary, bounded),
    ...bounded(summary.outages, (o) => outageText(o, summary.run), 'outages', summary.outagesOmitted),
    ...outsideTexts(summary, bounded),
    ...bounded(summary.failures.filter(isFailure), failureText, 'kinds of failure'),
    ...bounded(summary.failures.filter(isExplainedLoss), lostText, 'targets with lost streams'),
    ...terminalTexts(summary, bounded),
    ...backoffTexts(summary, bounded),
    ...bounded(bottlenecks, (b) => b.text, 'bottlenecks'),
    ...notStreamedTexts(summary, bounded),
    ...driftTexts(summary.drift, bounded),
    ...generatorTexts(summary),
    ...tokenTexts(summary),
    ...historyTexts(summary),
  ];
}

const ORDER = { fail: 0, inconclusive: 1, 'no-data': 2, pass: 3 } as const;

/** Returns the texts of the first few, and how many more there are. */
type Bounded = <T>(all: readonly T[], text: (one: T) => string, what: string, omitted?: number) => string[];

/** Said where too little of the load was brought for a pass, with what to do. */
function deliveredTexts(summary: Summary, bounded: Bounded): string[] {
  const { setup, loadDelivered } = summary;
  const { ratio, required, perTarget } = loadDelivered;
  const missing = notLoaded({ ...(isSequence(setup) ? { sequence: setup.sequence! } : {}) }, loadDelivered);
  if (missing.length > 0) return [notLoadedText(missing)];
  if (ratio === null || ratio >= required) return [];
  const low = perTarget.filter((t) => t.ratio !== null && t.ratio < required);
  const atLeast = `at least ${formatPercent(required)} is required to pass`;
  if (low.length === 0)
    return [
      `${formatPercent(ratio)} of the planned user time was delivered; ${atLeast}: lower the load, or give soakd more CPU`,
    ];
  return bounded(
    low,
    ({ target, ratio, started, due }) =>
      due === null
        ? `${formatPercent(ratio!)} of the planned user time was delivered on ${clip(target)}; ${atLeast}: lower the load, give soakd more CPU, or lengthen the pause if streams of the target before it were still open`
        : startsText(target, started ?? 0, due, `${atLeast}: ${loadAdvice(summary)}`),
    'targets',
  );
}

function startsText(target: string, started: number, due: number, advice: string): string {
  return `${number(started)} of ${number(due)} starts were made (${formatPercent(started / due)}) on ${clip(target)}; ${advice}`;
}

/** Returns why the load was too low, and what to do: only a freeze or a dead thread drops starts for which a user is free. */
export function loadAdvice({ verdict, streams, measurementQuality: { causes } }: Summary): string {
  if (verdict === 'aborted') return 'let the run come to its end';
  return streams.dropped > 0 && causes.freeze === 0 && causes.death === 0
    ? `no user was free for ${number(streams.dropped)} ${streams.dropped === 1 ? 'start' : 'starts'}: raise maxUsers, or lower the rate`
    : 'raise the users, lower the load, or give soakd more CPU';
}

/**
 * Returns at which levels a limit was crossed, with their start: "; held up to 20 users, crossed from 40 users on (level from
 * 13:52:23)". The first failure in a level is later.
 * Nothing where there is one level.
 */
export function levelsText(
  { target, crossedAtLevels }: Summary['thresholds'][number],
  summary: Summary,
): string {
  const { outages } = summary;
  // Of a sequence, the levels of its own turn; a pause without load is none.
  const own = summary.levels.flatMap((level, index) =>
    (level.target ?? null) === null || (level.target === target && level.shape !== 'pause') ? [index] : [],
  );
  const levels = own.map((index) => summary.levels[index]!);
  const crossed = crossedAtLevels.map((index) => own.indexOf(index)).filter((index) => index !== -1);
  if (levels.length < 2 || crossed.length === 0) return '';
  const wasDown = crossed.every((index) =>
    outages.some(
      (o) => o.target === target && o.from < levels[index]!.endedAt && o.to > levels[index]!.startedAt,
    ),
  );
  const isAlwaysDown = outages.some((o) => o.target === target && o.servedAgainAt === null);
  if (crossed.length === levels.length)
    return wasDown && !isAlwaysDown
      ? `; at every level, of which the first began at ${clock(levels[0]!.startedAt)}; the target had an outage during each`
      : `; at every level, of which the first began at ${clock(levels[0]!.startedAt)}`;
  const load = (index: number): string => levelLoad(levels[index]!);
  const withTime = (index: number): string =>
    `${load(index)} (level from ${clock(levels[index]!.startedAt)})`;
  const first = crossed[0]!;
  if (first > 0 && crossed.length === levels.length - first)
    return `; held up to ${load(first - 1)}, crossed from ${load(first)} on (level from ${clock(levels[first]!.startedAt)})`;
  const named = crossed.slice(0, 5).map(withTime).join(', ');
  return `; only at ${named}${crossed.length > 5 ? ', …' : ''}${wasDown ? ', where the target was down' : ''}`;
}

/** An outage that begins within this time of the start of a run began before it, ms. */
const AT_START_MS = 3000;

/** Returns when a target was down, and how its streams ended then. */
export function outageText(
  { target, from, to, servedAgainAt, lastedMs, outcomes }: OutageSummary,
  { startedAt }: Pick<Summary['run'], 'startedAt'>,
): string {
  const ends = outcomesText({ outcomes });
  if (servedAgainAt === null && Date.parse(from) - Date.parse(startedAt) < AT_START_MS)
    return `${clip(target)} served nothing during the whole run: ${ends}`;
  const until = servedAgainAt === null ? 'the end of the run' : clock(to);
  const again = servedAgainAt === null ? '' : `; it served again by ${clock(servedAgainAt)}`;
  return `${clip(target)} was down for ${formatDuration(lastedMs)}, from ${clock(from)} to ${until} UTC (${ends})${again}`;
}

/** Says of targets with outages how many of their streams failed outside these, how and when: whether they are well otherwise. */
function outsideTexts(summary: Summary, bounded: Bounded): string[] {
  const { outages, outagesOmitted, targets } = summary;
  if (outagesOmitted > 0) return [];
  const down = targets.filter(({ name }) =>
    outages.some((o) => o.target === name && o.servedAgainAt !== null),
  );
  return bounded(down, (target) => outsideText(target, summary), 'targets');
}

function outsideText({ name, streams: { results }, availability }: Target, summary: Summary): string {
  const own = summary.outages.filter((o) => o.target === name);
  const groups = summary.failures
    .filter((f) => f.target === name && isFailure(f))
    .map((f) => {
      const inOutages = own.reduce((n, o) => n + (o.outcomes[f.outcome] ?? 0), 0);
      // The times of a group that failed in an outage, too, are not those of the rest.
      return { ...f, count: f.count - inOutages, when: inOutages === 0 ? whenText(f) : '' };
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  const inside = own.reduce(
    (n, o) => n + Object.values(o.outcomes).reduce((sum, count) => sum + count, 0),
    0,
  );
  const outside = Math.max(0, results.failed - inside);
  const ended = results.success + outside;
  const success = formatPercent(ended === 0 ? 0 : results.success / ended);
  const text = `outside its ${own.length === 1 ? 'outage' : 'outages'}, ${clip(name)} failed ${number(outside)} of ${number(ended)} ${ended === 1 ? 'stream' : 'streams'} (${success} success)`;
  if (groups.length === 0) return text;
  const kinds = groups.slice(0, 3).map((f) => `${number(f.count)} ${f.outcome}${f.when}`);
  // Each second with failures is down, or up since content arrived: with no more down seconds than those of outages, it was up.
  const downMs = own.reduce((sum, o) => sum + o.lastedMs, 0);
  const wasUp = availability.downMs < downMs + 1000;
  const why = wasUp
    ? 'it still delivered content then'
    : 'it delivered nothing for less than three seconds in a row, or still delivered content';
  return `${text}: ${kinds.join(', ')}${groups.length > 3 ? ', …' : ''}; ${why}, so it does not count as down`;
}

/** Said of targets all of whose streams ended without the terminal event: it may be the wrong one. */
function terminalTexts({ targets }: Summary, bounded: Bounded): string[] {
  const never = targets.filter(({ streams: { finished, results } }) => {
    return (
      finished.truncated >= MIN_TRUNCATED && finished.truncated === results.failed && results.success === 0
    );
  });
  const text = ({ name }: (typeof targets)[number]): string =>
    `no stream on ${clip(name)} ended with the configured terminal event: run probe to see how the streams end, then change or remove terminal`;
  return bounded(never, text, 'targets');
}

const isFailure = ({ outcome }: FailureGroup): boolean => resultOf(outcome) === 'failed';

/** Whether streams were lost for a known reason: the text says elsewhere how many were lost in all. */
const isExplainedLoss = ({ outcome, examples }: FailureGroup): boolean =>
  resultOf(outcome) === 'lost' && examples.some(({ detail }) => detail !== undefined);

/** Returns why soakd lost streams on a target. */
function lostText(group: FailureGroup): string {
  return failureText(group).replace(` ${group.outcome} on `, ` lost by soakd on `);
}

/** Returns a kind of failure, with what the last such stream said. */
export function failureText({ target, outcome, count, firstAt, lastAt, examples }: FailureGroup): string {
  const when = whenText({ firstAt, lastAt });
  const detail = examples.find((e) => e.detail !== undefined)?.detail;
  return `${number(count)} ${outcome} on ${clip(target)}${when === '' ? '' : `${when} UTC`}${detail === undefined ? '' : `: ${cut(detail, MAX_DETAIL)}`}`;
}

/** Returns when failures ended: " from 13:52:30 to 13:52:43"; "" where that is not known. */
function whenText({ firstAt, lastAt }: Pick<FailureGroup, 'firstAt' | 'lastAt'>): string {
  if (firstAt === null || lastAt === null) return '';
  const [first, last] = [clock(firstAt), clock(lastAt)];
  return first === last ? ` at ${first}` : ` from ${first} to ${last}`;
}

/** Users that wait on purpose send fewer streams than it seems. */
function backoffTexts({ targets, setup, run, loadDelivered }: Summary, bounded: Bounded): string[] {
  if (setup.model.kind === 'open') return [];
  const inTurns = isSequence(setup);
  const waited = targets.filter(({ backoffMs, availability: { upMs, downMs, unknownMs } }) => {
    const loadedMs = inTurns ? upMs + downMs + unknownMs : run.measuredMs;
    return backoffMs > MIN_BACKOFF * loadedMs;
  });
  return bounded(
    waited,
    ({ name, backoffMs }) => {
      // In a sequence each target has users of its own.
      const all = loadDelivered.perTarget
        .filter(({ target }) => !inTurns || target === name)
        .reduce((sum, { userMs }) => sum + userMs, 0);
      const share = all > 0 ? `${formatPercent(Math.min(1, backoffMs / all))} of ` : '';
      const time = `${formatDuration(backoffMs)}${all > 0 ? ` of ${formatDuration(all)}` : ''}`;
      const fewer =
        inTurns || targets.length === 1
          ? `so ${clip(name)} got fewer streams`
          : 'so all targets got fewer streams';
      return `users spent ${share}their time backing off after failures on ${clip(name)} (${time}, summed over all users); such a user holds no stream on any target, ${fewer}`;
    },
    'targets',
  );
}

/** Whether responses were streamed at all. */
function notStreamedTexts({ bufferedTargets, batchedTargets }: Summary, bounded: Bounded): string[] {
  // What is buffered is batched too: once is enough.
  const isBuffered = (target: string) => bufferedTargets.some((b) => b.target === target);
  const batched = batchedTargets.filter((b) => !isBuffered(b.target));
  return [
    ...bounded(
      bufferedTargets,
      ({ target, streams, of }) =>
        `${clip(target)}: ${number(streams)} of ${number(of)} responses arrived all at once at their end, so something on the way buffers them and their gaps mean nothing. Probe the target without the proxy to compare`,
      'targets',
    ),
    ...bounded(
      batched,
      ({ target, chunksPerRead }) =>
        `${clip(target)}: ${chunksPerRead.toFixed(1)} chunks per read: the target, or something on the way, sends several chunks at once`,
      'targets',
    ),
  ];
}

function driftTexts({ found, periodic }: DriftSummary, bounded: Bounded): string[] {
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
    ? [`soakd ignored ${number(ignoredTokenReports)} reports of impossible token counts`]
    : [];
}

/** Returns what the history lacks; nothing where every write succeeded. */
function historyTexts({ history: { writeFailures, failing } }: Summary): string[] {
  if (writeFailures === 0 && failing === null) return [];
  const failed = `${number(writeFailures)} ${writeFailures === 1 ? 'write' : 'writes'} to the history failed`;
  return [
    failing === null
      ? `${failed}; later writes included the data: no count is missing, but the windows of that time are longer than 10 s`
      : `${failed}, and soakd still cannot write (${cut(failing, MAX_DETAIL)}): unless a write succeeds before soakd ends, the history lacks the end of this run`,
  ];
}
