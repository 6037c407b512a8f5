import type { LevelPoint, PointTiming, PointTimings } from '../../analysis/level-point.ts';
import type { Block, Cell } from '../../schema/report.ts';
import {
  type Analysed,
  analysedIn,
  byLoad,
  detailed,
  ENDED_NOTE,
  errorText,
  loadText,
  MAX_ROWS,
  observedText,
  ofColumn,
  statisticOf,
} from '../analysed.ts';
import { type ColumnOf, cellText, heading, paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { countText, msText, numberText } from '../text.ts';

interface Track {
  readonly timing: keyof PointTimings;
  readonly statistic: 'mean' | 'p95';
  readonly title: string;
}

/** A timing at a level against the lowest level. */
interface Step {
  /** Of the level, in the subject. */
  readonly index: number;
  readonly load: number;
  readonly ms: number;
  readonly n: number | null;
  readonly errorMs: number | null;
  /** Relative change; 0 at the lowest level. */
  readonly change: number;
  /** Whether the change is within the measurement error of both. */
  readonly isWithinError: boolean;
}

/** How timings change with the load. */
export const latencyProgression: SectionRecord = {
  id: 'latency-progression',
  title: 'Latency against the first level',
  make(input): Content | Omitted {
    const all = analysedIn(input)
      .map((of) => ({ of, tracks: tracksOf(of).map((track) => ({ ...track, steps: stepsOf(of, track) })) }))
      .filter(({ tracks }) => tracks.some(({ steps }) => steps.length > 1));
    if (all.length === 0) return { omitted: 'Fewer than two levels of different load have a timing.' };
    const { shown, more } = detailed(all, (a) => a.of);
    return {
      blocks: [
        tableOf(
          'Lowest load against the highest, for each timing.',
          [
            ...ofColumn(input),
            { title: 'timing', align: 'left', cell: (r) => r.title },
            { title: 'lowest load', align: 'left', cell: (r) => r.first },
            { title: 'highest load', align: 'left', cell: (r) => r.last },
            { title: 'change', cell: (r) => r.change },
          ],
          all.flatMap(({ of, tracks }) =>
            tracks.flatMap(({ title, timing, steps }) => {
              const [first, last] = [steps[0], steps.at(-1)];
              if (first === undefined || last === undefined || steps.length < 2) return [];
              const text = (s: Step): string =>
                `${msText(s.ms)} at ${loadText(s.load, of.subject)} (${observedText(s.n, timing)}, ${errorText(s)})`;
              return [
                { name: of.name, title, first: text(first), last: text(last), change: changeCell(last) },
              ];
            }),
          ),
          MAX_ROWS,
        ),
        ...(more === '' ? [] : [paragraph(more)]),
        ...shown.flatMap(({ of, tracks }): Block[] => [
          ...(all.length > 1 ? [heading(of.name)] : []),
          tableOf<LevelPoint>(
            `${of.name}: each level against ${loadText(byLoad(of.subject)[0]!.load, of.subject)}.`,
            [
              {
                title: of.subject.unit === 'users' ? 'users' : 'streams/s',
                cell: (l) => numberText(l.load),
              },
              { title: 'n', note: ENDED_NOTE, cell: (l) => countText(l.streams) },
              ...tracks.flatMap(({ title, steps }) => {
                const at = (l: LevelPoint): Step | undefined =>
                  steps.find((s) => s.index === of.subject.levels.indexOf(l));
                return [
                  { title, cell: (l: LevelPoint): Cell => msText(at(l)?.ms) },
                  {
                    title: 'change',
                    note: 'Changes within the measurement error are marked so.',
                    needsNote: (cell: Cell) => cellText(cell).endsWith(WITHIN),
                    cell: (l: LevelPoint): Cell => changeCell(at(l)),
                  },
                ];
              }),
              ...errorColumns(tracks),
            ],
            byLoad(of.subject),
            MAX_ROWS,
          ),
        ]),
      ],
      values: all.map(({ of, tracks }) => ({ of: of.name, tracks })),
    };
  },
};

/** What the timings of a level may be too long by, which is soakd's own lag: the same for all timings of a run. */
function errorColumns(tracks: readonly { readonly steps: readonly Step[] }[]): ColumnOf<LevelPoint>[] {
  const all = tracks.flatMap(({ steps }) => steps);
  if (all.every((s) => s.errorMs === null)) return [];
  const errorAt = ({ load }: LevelPoint): number =>
    Math.max(...all.flatMap((s) => (s.load === load && s.errorMs !== null ? [s.errorMs] : [])));
  return [
    {
      title: 'error',
      note: "Error: p99 of the measurement error, soakd's own lag in the level.",
      cell: (l) => (Number.isFinite(errorAt(l)) ? msText(errorAt(l)) : '–'),
    },
  ];
}

function tracksOf({ subject: { levels } }: Analysed): Track[] {
  const ttfb = statisticOf(levels, 'ttfb');
  const all: (Track | undefined)[] = [
    { timing: 'duration', statistic: 'mean', title: 'duration mean' },
    { timing: 'duration', statistic: 'p95', title: 'duration P95' },
    ttfb === undefined
      ? undefined
      : { timing: 'ttfb', statistic: ttfb, title: ttfb === 'p95' ? 'TTFB P95' : 'TTFB mean' },
  ];
  return all.filter((t) => t !== undefined);
}

function stepValue(level: LevelPoint, { timing, statistic }: Track): (PointTiming & { ms: number }) | null {
  const found = level.timings[timing];
  const ms = found?.[statistic] ?? null;
  return found === null || ms === null ? null : { ...found, ms };
}

function stepsOf({ subject }: Analysed, track: Track): Step[] {
  const known = byLoad(subject).flatMap((level) => {
    const value = stepValue(level, track);
    return value === null ? [] : [{ index: subject.levels.indexOf(level), load: level.load, value }];
  });
  const first = known[0]?.value;
  if (first === undefined) return [];
  return known.map(({ index, load, value: { ms, n, errorMs } }) => ({
    index,
    load,
    ms,
    n,
    errorMs,
    change: first.ms === 0 ? 0 : ms / first.ms - 1,
    isWithinError: Math.abs(ms - first.ms) <= Math.max(errorMs ?? 0, first.errorMs ?? 0),
  }));
}

const WITHIN = ', within the error';

function changeCell(step: Step | undefined): Cell {
  if (step === undefined) return '–';
  const text = `${step.change >= 0 ? '+' : '−'}${Math.abs(step.change * 100).toFixed(1)} %`;
  if (step.change === 0) return text;
  return step.isWithinError ? { text: `${text}${WITHIN}`, tone: 'unknown' } : text;
}
