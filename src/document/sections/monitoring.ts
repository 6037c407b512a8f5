import type { SubjectLimit } from '../../analysis/level-point.ts';
import { stateOf, valueAtLevel } from '../../analysis/limit-at-level.ts';
import { formatDuration } from '../../core/duration.ts';
import { valueText } from '../../report/value-text.ts';
import type { Cell, Tone } from '../../schema/report.ts';
import { ALERTS, thresholdById } from '../../thresholds/table.ts';
import { type Analysed, analysedIn, heldBy, loadText, MAX_ROWS, ofColumn } from '../analysed.ts';
import { code, paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { recommendedFor } from '../recommended.ts';
import { plural } from '../text.ts';

interface Row {
  readonly of: Analysed;
  readonly limit: SubjectLimit;
  readonly alert: string;
  readonly severity: string;
  readonly forMs: number;
  /** Loads at which the value of the level crosses the limit. */
  readonly crossedAt: readonly number[];
  readonly inconclusiveAt: readonly number[];
  readonly seen: number;
}

/** A crossed limit has the same sign in all sections: that of its severity. */
const crossedTone = ({ severity }: SubjectLimit): Tone => (severity === 'critical' ? 'bad' : 'warning');

/** Alerts for what was seen, with their limits. */
export const monitoring: SectionRecord = {
  id: 'monitoring',
  title: 'Monitoring',
  make(input): Content | Omitted {
    const analysed = analysedIn(input);
    const rows = analysed.flatMap((of) => of.subject.limits.flatMap((limit) => rowOf(of, limit)));
    if (rows.length === 0) return { omitted: 'No limit was evaluated of which an alert exists.' };
    const actions = [...new Set(rows.filter((r) => r.crossedAt.length > 0).map((r) => r.alert))];
    const settings = analysed.length === 1 ? settingsOf(analysed[0]!) : null;
    return {
      blocks: [
        tableOf<Row>(
          'Alerts on the values of this report. "Crossed at": levels whose value is above the limit over the whole level, which may be shorter or longer than the time after which the alert fires.',
          [
            ...ofColumn(input),
            { title: 'alert', align: 'left', cell: (r) => r.alert },
            { title: 'severity', align: 'left', cell: (r) => r.severity },
            {
              title: 'if',
              align: 'left',
              cell: ({ limit }) =>
                `${limit.measure} ${limit.crossedWhen} ${valueText(limit.limit, limit.unit)}`,
            },
            { title: 'for', cell: (r) => (r.forMs === 0 ? 'at once' : formatDuration(r.forMs)) },
            { title: 'crossed at', align: 'left', cell: crossedCell },
          ],
          rows,
          MAX_ROWS,
        ),
        ...actions.map((alert) => paragraph(`${alert}: ${ALERTS[alert]?.action ?? 'see docs/alerts.md.'}`)),
        ...(settings === null
          ? []
          : [
              paragraph(
                'Limits on open streams by what was held here: soft at the recommended load, hard where the limits end.',
              ),
              code(settings),
            ]),
      ],
      values: rows.map(({ of, limit, ...rest }) => ({ of: of.name, limit, ...rest })),
    };
  },
};

function rowOf(of: Analysed, limit: SubjectLimit): Row[] {
  const threshold = thresholdById(limit.threshold);
  if (threshold === undefined) return [];
  const states = of.subject.levels.map((level) => ({
    load: level.load,
    state: stateOf(limit, valueAtLevel(limit, level)),
  }));
  const loads = (state: string): number[] => states.filter((s) => s.state === state).map((s) => s.load);
  return [
    {
      of,
      limit,
      alert: threshold.alert,
      severity: threshold.severity,
      forMs: threshold.forMs,
      crossedAt: loads('crossed'),
      inconclusiveAt: loads('inconclusive'),
      seen: states.filter((s) => s.state !== 'unknown').length,
    },
  ];
}

function crossedCell({ crossedAt, inconclusiveAt, seen, of, limit }: Row): Cell {
  if (seen === 0) return { text: 'levels have no value of it', tone: 'unknown' };
  const text = (loads: readonly number[]): string => loads.map((l) => loadText(l, of.subject)).join(', ');
  const unsure =
    inconclusiveAt.length === 0 ? '' : `; within the measurement error at ${text(inconclusiveAt)}`;
  return crossedAt.length === 0
    ? { text: `none of ${plural(seen, 'level')}${unsure}`, tone: 'good' }
    : { text: `${text(crossedAt)}${unsure}`, tone: crossedTone(limit) };
}

/** Keys of the configuration. A load that several targets share says nothing of the streams of one. */
function settingsOf({ subject }: Analysed): string | null {
  const held = heldBy(subject);
  if ('reason' in held || subject.unit !== 'users' || subject.sharedBy > 1) return null;
  const { maximum, isAtLeast } = held;
  const soft = recommendedFor([subject])?.load ?? null;
  if (soft === null || maximum === null || isAtLeast) return null;
  return ['thresholds:', `  concurrency-soft: ${soft}`, `  concurrency-hard: ${maximum}`].join('\n');
}
