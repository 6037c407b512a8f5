import { formatDuration } from '../core/duration.ts';
import { formatCount as number } from '../core/number.ts';
import { capacityText, stepTable } from './capacity-text.ts';
import { detailLines } from './details.ts';
import { loadText } from './load-text.ts';
import { qualityText } from './quality-text.ts';
import { END_REASONS } from './reason.ts';
import type { Summary } from './summary.ts';
import { levelTable, matrix, targetTable } from './table.ts';
import { isSequence } from './turns.ts';
import { cut, type MoreIn, wrapped } from './value-text.ts';
import { problemsOf } from './what-went-wrong.ts';

/** Maximum of changes to show. */
const MAX_EVENTS = 5;
/** Maximum of gaps to show. */
const MAX_GAPS = 5;
/** Maximum of targets to name. */
const MAX_HELD = 10;

/** Where the reader of a text finds what the text leaves out. */
export const MORE_BY_FLAG: MoreIn = { verbose: '--verbose', json: '--json' };

/**
 * Returns the summary as text in lines of at most 110 columns: the verdict, a table of targets, one of levels, the
 * problems and the measurement quality.
 * @param verbose adds outcomes, all timings, passed thresholds and settings
 * @param more commands or flags that show the rest
 */
export function summaryText(summary: Summary, { verbose = false, more = MORE_BY_FLAG } = {}): string {
  const { run, setup, verdict, verdictReason, endReason, levels } = summary;
  const ended =
    endReason === 'completed' || verdict === 'aborted' ? [] : [`  Ended early: ${END_REASONS[endReason]}.`];
  const table = levelTable(levels);
  return [
    '',
    ...capacityLines(summary),
    `  ${verdict.toUpperCase()}: ${verdictReason}`,
    ...wrapped(
      `Scenario ${run.scenario}, ${formatDuration(run.lastedMs)} from ${run.startedAt}, soakd ${setup.soakd.version}, run ${run.id}`,
      '  ',
      '  ',
    ),
    ...ended,
    ...resumeLines(run),
    ...heldLines(summary),
    ...wrapped(
      `Load: ${loadText(setup)}.${verbose ? '' : ` ${more.verbose} shows URLs, timeouts, settings and all timings.`}`,
      '  ',
      '  ',
    ),
    ...eventLines(run),
    '',
    ...targetTable(summary),
    ...(table.length === 0 ? [] : ['', ...table]),
    ...matrix(summary, more),
    ...rateLines(summary),
    ...problemLines(summary, more),
    '',
    ...wrapped(qualityText(summary), '  ', '  '),
    ...(verbose ? ['', ...detailLines(summary)] : []),
    '',
  ].join('\n');
}

/** Returns the result and the steps of a search for the capacity; nothing of an ordinary run, or one of before 0.3.0. */
function capacityLines({ capacity }: Summary): string[] {
  if (!capacity) return [];
  return [
    ...wrapped(`CAPACITY: ${capacityText(capacity)}`, '  ', '  '),
    '',
    ...stepTable(capacity),
    '',
    ...wrapped(
      'The search crosses thresholds on purpose. The text below covers all steps together.',
      '  ',
      '  ',
    ),
  ];
}

/** Returns how often the run was resumed, and its gaps; nothing where it never was. */
function resumeLines({ gaps }: Summary['run']): string[] {
  if (gaps.length === 0) return [];
  const seconds = gaps.map(({ fromAt, toAt }) =>
    Math.max(1, Math.round((Date.parse(toAt) - Date.parse(fromAt)) / 1000)),
  );
  const length = (s: number): string => formatDuration(s * 1000);
  const all = length(seconds.reduce((sum, s) => sum + s, 0));
  const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
  const shown = gaps
    .slice(0, MAX_GAPS)
    .map(({ fromAt }, i) => `${length(seconds[i]!)} at ${fromAt.slice(11, 19)}`);
  const more = gaps.length > MAX_GAPS ? ', …' : '';
  const [times, parts] =
    gaps.length === 1
      ? ['once', ` from ${gaps[0]!.fromAt.slice(11, 19)} UTC`]
      : [`${number(gaps.length)} times`, ` (${shown.join(', ')}${more} UTC)`];
  const streams = `${number(lost)} open ${lost === 1 ? 'stream was' : 'streams were'} lost`;
  return wrapped(
    `Resumed ${times}: ${all} without soakd${parts}, which the plan excludes; ${streams}.`,
    '  ',
    '  ',
  );
}

function problemLines(summary: Summary, more: MoreIn): string[] {
  const problems = problemsOf(summary, more);
  if (problems.length === 0) return [];
  const title = summary.verdict === 'pass' ? 'Notes' : 'What went wrong';
  return ['', `  ${title}`, ...problems.flatMap((text) => wrapped(text, '  - ', '    '))];
}

/** Returns the targets whose limits all hold, with the load up to which they held; nothing for a single target. */
function heldLines({ verdict, targets, thresholds, levels, setup }: Summary): string[] {
  if (targets.length < 2 || verdict === 'pass') return [];
  const held = targets.filter(({ name }) => {
    const own = thresholds.filter((t) => t.target === name);
    return own.length > 0 && own.every((t) => t.result === 'pass');
  });
  if (held.length === 0) return ['  No target held all its limits.'];
  const more = held.length > MAX_HELD ? ` and ${held.length - MAX_HELD} more` : '';
  const names = held.slice(0, MAX_HELD).map(({ name }) => cut(name, 40));
  return wrapped(
    `All limits held on ${names.join(', ')}${more}${isSequence(setup) ? '' : mostText(held, levels)}.`,
    '  ',
    '  ',
  );
}

/**
 * The highest constant load, and how many streams targets had open there: users of a plan are those of all its targets.
 * A ramp that rises to a load has fewer streams open than the load. Of equal loads the longest level counts.
 */
function mostText(held: Summary['targets'], levels: Summary['levels']): string {
  const most = levels
    .filter(isConstant)
    .reduce<Summary['levels'][number] | undefined>(
      (max, level) =>
        max === undefined ||
        peakOf(level) > peakOf(max) ||
        (peakOf(level) === peakOf(max) && level.lastedMs > max.lastedMs)
          ? level
          : max,
      undefined,
    );
  if (most === undefined) return '';
  const unit = most.rate === null ? 'users' : 'streams a second';
  const open = held
    .slice(0, MAX_HELD)
    .map(({ name }) => number(most.targets.find((t) => t.name === name)?.streams.openMean ?? 0));
  return ` at ${number(peakOf(most))} ${unit} over all targets, the highest constant load of the run (on average ${listText(open)} streams open)`;
}

/** Whether a level holds one load; levels merged into one do not. */
const isConstant = ({ users, rate, shape, furtherLevels }: Summary['levels'][number]): boolean => {
  const range = users ?? rate;
  return range !== null && range.from === range.to && range.to > 0 && shape !== 'sine' && furtherLevels === 0;
};

const peakOf = ({ users, rate }: Summary['levels'][number]): number => (users ?? rate)?.to ?? 0;

/** Returns "3", "3 and 4", "3, 4 and 5". */
const listText = (values: readonly string[]): string =>
  values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`;

const streamsText = (n: number): string => `${number(n)} ${n === 1 ? 'stream' : 'streams'}`;

/** Goodput and tokens, where there are any. */
function rateLines({ goodput, outputTokens, outputTokensPerSecond, tpotMs, streams }: Summary): string[] {
  const parts: string[] = [];
  if (goodput !== null)
    parts.push(`${number(goodput.within)} of ${number(goodput.finished)} streams met the objective`);
  if (outputTokens > 0)
    parts.push(
      `${outputTokensPerSecond.toFixed(1)} output tokens per second, ${formatDuration(tpotMs.p50 ?? 0)} per token (p50)`,
    );
  const { cancelled, lost } = streams.results;
  if (cancelled > 0) parts.push(`${streamsText(cancelled)} cancelled by soakd, excluded from all ratios`);
  if (lost > 0) parts.push(`${streamsText(lost)} lost by soakd, excluded from all ratios`);
  if (streams.dropped > 0)
    parts.push(
      `${number(streams.dropped)} ${streams.dropped === 1 ? 'start' : 'starts'} dropped: no user was free`,
    );
  return parts.length === 0 ? [] : ['', ...wrapped(`${parts.join('; ')}.`, '  ', '  ')];
}

/** Outages and gaps have lines of their own; what soakd learned of a target changes nothing. */
const NOT_CHANGES: readonly string[] = ['start', 'outage', 'gap', 'learn'];

/** Returns the changes made during the run. */
function eventLines({ events, startedAt }: Summary['run']): string[] {
  const changes = events.filter(({ action }) => !NOT_CHANGES.includes(action));
  const shown = changes.slice(-MAX_EVENTS).flatMap(({ at, action, by, detail }) => {
    const after = formatDuration(Math.max(0, Date.parse(at) - Date.parse(startedAt)));
    return wrapped(`${action} (${by}): ${detail}`, `  ${after.padStart(8)}  `, ' '.repeat(12));
  });
  const more = changes.length - MAX_EVENTS;
  const omitted = `${number(more)} earlier ${more === 1 ? 'change' : 'changes'} not shown`;
  return more > 0 ? [`            ${omitted}`, ...shown] : shown;
}
