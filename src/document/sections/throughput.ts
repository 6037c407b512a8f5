import type { LevelPoint } from '../../analysis/level-point.ts';
import type { Block } from '../../schema/report.ts';
import {
  type Analysed,
  analysedIn,
  byLoad,
  detailed,
  ENDED_NOTE,
  loadText,
  MAX_ROWS,
  ofColumn,
  windowText,
} from '../analysed.ts';
import { heading, paragraph, tableOf } from '../blocks.ts';
import { drainText } from '../drain-text.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { bytesText, countText, numberText } from '../text.ts';

const knowsRate = (l: LevelPoint): boolean =>
  [l.streamsPerSecond, l.chunksPerSecond, l.bytesPerSecond].some((rate) => rate !== null);

/** Rates of nothing are no throughput. */
const isEmpty = (l: LevelPoint): boolean =>
  l.streams === 0 && [l.chunksPerSecond, l.bytesPerSecond].every((rate) => (rate ?? 0) === 0);

/** What a target carried at each level. */
export const throughput: SectionRecord = {
  id: 'throughput',
  title: 'Throughput',
  make(input): Content | Omitted {
    const all = analysedIn(input).filter(({ subject }) => subject.levels.some(knowsRate));
    if (all.length === 0)
      return {
        omitted: 'No level has a rate: a table states neither the length of its levels nor their rates.',
      };
    if (all.every(({ subject }) => subject.levels.every(isEmpty)))
      return { omitted: 'No stream ended, and nothing was received.' };
    const { shown, more } = detailed(all, (a) => a);
    return {
      blocks: [
        tableOf(
          'The largest rates of any level, with the load of that level. n: its streams that succeeded or failed.',
          [
            ...ofColumn(input),
            { title: 'streams/s', cell: (a) => bestText(a, (l) => l.streamsPerSecond, numberText) },
            { title: 'chunks/s', cell: (a) => bestText(a, (l) => l.chunksPerSecond, numberText) },
            { title: 'bytes/s', cell: (a) => bestText(a, (l) => l.bytesPerSecond, bytesText) },
            {
              title: 'output tokens/s',
              cell: (a) => bestText(a, (l) => l.outputTokensPerSecond, numberText),
            },
          ],
          all,
          MAX_ROWS,
        ),
        ...(more === '' ? [] : [paragraph(more)]),
        ...shown.flatMap((a): Block[] => [
          ...(all.length > 1 ? [heading(a.name)] : []),
          tableOf<LevelPoint>(
            `${a.name}: rates by level, over its whole time.${drainText(a.subject)}`,
            [
              { title: 'load', cell: (l) => loadText(l.load, a.subject) },
              { title: 'time', align: 'left', cell: windowText },
              { title: 'n', note: ENDED_NOTE, cell: (l) => countText(l.streams) },
              { title: 'open, mean', cell: (l) => numberText(l.openMean) },
              { title: 'streams/s', cell: (l) => numberText(l.streamsPerSecond) },
              { title: 'chunks/s', cell: (l) => numberText(l.chunksPerSecond) },
              { title: 'bytes/s', cell: (l) => bytesText(l.bytesPerSecond) },
              { title: 'output tokens/s', cell: (l) => numberText(l.outputTokensPerSecond) },
            ],
            byLoad(a.subject),
            MAX_ROWS,
          ),
        ]),
      ],
      values: all.map(({ name, subject }) => ({
        of: name,
        levels: byLoad(subject).map((l) => ({
          load: l.load,
          streams: l.streams,
          seconds: l.seconds,
          openMean: l.openMean,
          streamsPerSecond: l.streamsPerSecond,
          chunksPerSecond: l.chunksPerSecond,
          bytesPerSecond: l.bytesPerSecond,
          outputTokensPerSecond: l.outputTokensPerSecond,
        })),
      })),
    };
  },
};

function bestText(
  { subject }: Analysed,
  rate: (level: LevelPoint) => number | null,
  write: (value: number) => string,
): string {
  const known = subject.levels.filter((l) => rate(l) !== null);
  const [first] = known;
  if (first === undefined) return '–';
  const best = known.reduce((a, b) => (rate(b)! > rate(a)! ? b : a), first);
  return `${write(rate(best)!)} at ${loadText(best.load, subject)} (n = ${countText(best.streams)})`;
}
