import { OUTCOME_HELP } from '../../catalog/outcomes.ts';
import { OUTCOMES, type Outcome } from '../../core/outcome.ts';
import type { Block, Cell } from '../../schema/report.ts';
import type { FailureGroup, Summary } from '../../schema/summary.ts';
import { loadText } from '../analysed.ts';
import { cellText, eachRun, paragraph, type RunPart, tableOf } from '../blocks.ts';
import type { ReportedTable, SectionRecord } from '../input.ts';
import { clockText, countText, msText, shareText, spanText } from '../text.ts';

const MAX_ROWS = 60;
/** Longest example of a failure, in characters. */
const MAX_DETAIL = 240;

export const reliability: SectionRecord = {
  id: 'reliability',
  title: 'Reliability',
  make: (input) => eachRun(input, ({ summary }) => reliabilityOf(summary), tableReliability),
};

/** Of a table only the shares by level are known, not how the streams failed. */
function tableReliability({ subject: { levels, unit } }: ReportedTable): RunPart | string {
  const known = levels.filter((l) => l.successRatio !== null);
  if (known.length === 0) return 'The table states no share of successes.';
  const lowest = known.reduce((a, b) => (b.successRatio! < a.successRatio! ? b : a));
  const counted = known.filter((l) => l.streams !== null);
  const n = counted.reduce((sum, l) => sum + l.streams!, 0);
  const succeeded = counted.reduce((sum, l) => sum + l.streams! * l.successRatio!, 0);
  const overall =
    counted.length < known.length || n === 0
      ? ''
      : `${shareText(succeeded / n)} of the streams of all levels were successes (n = ${countText(n)}). `;
  const least = known.every((l) => l.successRatio === lowest.successRatio)
    ? `The share is ${shareText(lowest.successRatio)} at every level.`
    : `The lowest share of a level is ${shareText(lowest.successRatio)}, at ${loadText(lowest.load, { unit })}.`;
  return {
    blocks: [paragraph(`${overall}${least} How streams failed, and when, the table does not state.`)],
    values: { successRatio: overall === '' ? null : succeeded / n, n, lowest: lowest.successRatio },
  };
}

function reliabilityOf(summary: Summary): RunPart | string {
  const { streams, successRatio, failures, run } = summary;
  const ended = OUTCOMES.filter((o) => streams.finished[o] > 0);
  const total = ended.reduce((sum, o) => sum + streams.finished[o], 0);
  if (total === 0) return 'No stream ended.';
  const n = streams.results.success + streams.results.failed;
  return {
    blocks: [
      paragraph(
        n === 0
          ? 'No stream succeeded or failed: all of them were cut or lost by soakd itself.'
          : `${shareText(successRatio)} of the streams that succeeded or failed were successes (n = ${countText(n)}, ${spanText(run.startedAt, run.endedAt)}). Streams that soakd itself cut or lost are in neither.`,
      ),
      tableOf(
        `How all streams ended (n = ${countText(total)}).`,
        [
          { title: 'outcome', align: 'left', cell: (o: Outcome) => o },
          { title: 'n', cell: (o) => countText(streams.finished[o]) },
          { title: 'share', cell: (o) => shareText(streams.finished[o] / total) },
          { title: 'meaning', align: 'left', cell: (o) => OUTCOME_HELP[o] },
        ],
        ended,
      ),
      ...failureBlocks(failures),
      ...availabilityBlocks(summary),
    ],
    values: {
      successRatio,
      n,
      finished: streams.finished,
      failures: failures
        .slice(0, 1000)
        .map(({ target, outcome, count, firstAt, lastAt }) => ({ target, outcome, count, firstAt, lastAt })),
      availability: summary.targets
        .slice(0, 1000)
        .map(({ name, availability }) => ({ target: name, ...availability })),
    },
  };
}

function failureBlocks(failures: readonly FailureGroup[]): Block[] {
  if (failures.length === 0) return [paragraph('No stream failed, and soakd lost none.')];
  const most = [...failures].sort((a, b) => b.count - a.count);
  return [
    tableOf(
      'Streams that failed, or that soakd lost, by target and kind, the most frequent first.',
      [
        { title: 'target', align: 'left', cell: (f) => f.target },
        { title: 'kind', align: 'left', cell: (f) => f.outcome },
        { title: 'n', cell: (f) => countText(f.count) },
        {
          title: 'first (UTC)',
          note: 'First and last: when such a stream ended, to the second.',
          cell: (f) => (f.firstAt === null ? '–' : clockText(f.firstAt)),
        },
        { title: 'last', cell: (f) => (f.lastAt === null ? '–' : clockText(f.lastAt)) },
        {
          title: 'example',
          align: 'left',
          note: 'Example: what the latest one with a detail reported.',
          cell: exampleOf,
        },
      ],
      most,
      MAX_ROWS,
    ),
  ];
}

function exampleOf({ examples }: FailureGroup): string {
  const detail = examples.find((e) => e.detail !== undefined)?.detail ?? '–';
  return detail.length <= MAX_DETAIL ? detail : `${detail.slice(0, MAX_DETAIL - 1)}…`;
}

function availabilityBlocks({ targets, outages, outagesOmitted }: Summary): Block[] {
  const known = targets.filter(({ availability }) => availability.ratio !== null);
  if (known.length === 0) return [];
  const lowestFirst = [...known].sort((a, b) => a.availability.ratio! - b.availability.ratio!);
  return [
    tableOf(
      'Availability: seconds in which a target served a stream (up), over those and the seconds in which streams only failed (down).',
      [
        { title: 'target', align: 'left', cell: (t) => t.name },
        { title: 'availability', cell: (t) => shareText(t.availability.ratio) },
        { title: 'up', cell: (t) => msText(t.availability.upMs) },
        { title: 'down', cell: (t) => msText(t.availability.downMs) },
        { title: 'not known', cell: (t) => msText(t.availability.unknownMs) },
        {
          title: 'outages',
          note: 'An outage lasts from its first second down to its last, and includes seconds between them in which no stream ended, so outages may last longer than the time down.',
          needsNote: (cell) => cellText(cell).includes(','),
          cell: (t) => outageCell(outages, outagesOmitted, t.name),
        },
      ],
      lowestFirst,
      MAX_ROWS,
    ),
  ];
}

function outageCell(outages: Summary['outages'], omitted: number, target: string): Cell {
  const own = outages.filter((o) => o.target === target);
  const lastedMs = own.reduce((sum, o) => sum + o.lastedMs, 0);
  if (own.length === 0) return omitted > 0 ? '–' : '0';
  const more = omitted > 0 ? ' or more' : '';
  return { text: `${own.length}${more}, ${msText(lastedMs)}${more} in all`, tone: 'bad' };
}
