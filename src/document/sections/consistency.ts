import type { LevelPoint } from '../../analysis/level-point.ts';
import { type Analysed, analysedIn, loadText, MAX_ROWS, ofColumn } from '../analysed.ts';
import { tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { countText, numberText, shareText } from '../text.ts';

interface Spread {
  readonly of: Analysed;
  readonly what: string;
  readonly levels: number;
  readonly streams: number | null;
  readonly min: number;
  readonly minAt: number;
  readonly max: number;
  readonly maxAt: number;
  /** Over all streams of these levels; of levels without a number of streams, each level once. */
  readonly mean: number;
  /** Difference of the largest and the smallest over the mean. */
  readonly range: number;
}

const VOLUMES: readonly (readonly [what: string, of: (level: LevelPoint) => number | null])[] = [
  ['chunks', (l) => l.chunksPerStream],
  ['bytes', (l) => l.bytesPerStream],
  ['characters', (l) => l.charactersPerStream],
];

/** Whether answers stay the same under load. */
export const consistency: SectionRecord = {
  id: 'consistency',
  title: 'Consistency of answers',
  make(input): Content | Omitted {
    const spreads = analysedIn(input).flatMap((of) => VOLUMES.flatMap((volume) => spreadOf(of, ...volume)));
    if (spreads.length === 0) return { omitted: 'No level has the length of its answers.' };
    return {
      blocks: [
        tableOf<Spread>(
          'Mean length of an answer by level: the smallest, the largest, and their difference over the mean. Chunks and bytes count in the level in which they came, so long answers that cross from one level to the next move a part of theirs: the first level has too many, the last too few. Mean: over all streams, as under Data quality.',
          [
            ...ofColumn(input),
            { title: 'per stream', align: 'left', cell: (s) => s.what },
            { title: 'levels', cell: (s) => String(s.levels) },
            {
              title: 'n',
              note: 'n: streams of all levels that succeeded or failed.',
              cell: (s) => countText(s.streams),
            },
            {
              title: 'smallest',
              cell: (s) => `${numberText(s.min)} at ${loadText(s.minAt, s.of.subject)}`,
            },
            { title: 'largest', cell: (s) => `${numberText(s.max)} at ${loadText(s.maxAt, s.of.subject)}` },
            { title: 'mean', cell: (s) => numberText(s.mean) },
            { title: 'range', cell: (s) => shareText(s.range) },
          ],
          spreads,
          MAX_ROWS,
        ),
      ],
      values: spreads.map(({ of, ...rest }) => ({ of: of.name, ...rest })),
    };
  },
};

function spreadOf(of: Analysed, what: string, value: (level: LevelPoint) => number | null): Spread[] {
  const known = of.subject.levels.flatMap((level) => {
    const v = value(level);
    return v === null ? [] : [{ load: level.load, streams: level.streams, v }];
  });
  const [first] = known;
  if (first === undefined) return [];
  const min = known.reduce((a, b) => (b.v < a.v ? b : a));
  const max = known.reduce((a, b) => (b.v > a.v ? b : a));
  const streams = known.some((k) => k.streams === null)
    ? null
    : known.reduce((sum, k) => sum + k.streams!, 0);
  const weight = (k: (typeof known)[number]): number => (streams === null || streams === 0 ? 1 : k.streams!);
  const weights = known.reduce((sum, k) => sum + weight(k), 0);
  const mean = known.reduce((sum, k) => sum + k.v * weight(k), 0) / weights;
  return [
    {
      of,
      what,
      levels: known.length,
      streams,
      min: min.v,
      minAt: min.load,
      max: max.v,
      maxAt: max.load,
      mean,
      range: mean === 0 ? 0 : (max.v - min.v) / mean,
    },
  ];
}
