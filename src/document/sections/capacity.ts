import type { Crossing, HeldLoad } from '../../analysis/held-load.ts';
import { capacityText, stepText } from '../../report/capacity-text.ts';
import { valueText } from '../../report/value-text.ts';
import type { CapacityStep } from '../../schema/capacity.ts';
import type { Block, Cell } from '../../schema/report.ts';
import { type Analysed, analysedIn, detailed, heldBy, loadText, MAX_ROWS, ofColumn } from '../analysed.ts';
import { cellText, heading, list, paragraph, type RunPart, tableOf } from '../blocks.ts';
import { crossedText, placeText } from '../crossing-text.ts';
import type { Content, Omitted, ReportInput, SectionRecord } from '../input.ts';
import { recommendedStop, recommendedText } from '../recommended.ts';
import { intervalText } from '../stop-text.ts';
import { countText, msText, shareText } from '../text.ts';

const AT_LEAST = {
  note: '"At least": no higher load was tested, or none that crosses a limit for certain.',
  needsNote: (cell: Cell): boolean => cellText(cell).startsWith('at least'),
};

interface Held extends Analysed {
  readonly held: HeldLoad;
}

/** What the limits allow of the load. */
export const capacity: SectionRecord = {
  id: 'capacity',
  title: 'Capacity',
  make(input): Content | Omitted {
    const searched = searchesIn(input);
    const all = analysedIn(input).map((a) => ({ ...a, held: heldBy(a.subject) }));
    const known = all.flatMap(({ held, ...a }): Held[] => ('reason' in held ? [] : [{ ...a, held }]));
    if (known.length === 0 && searched.length > 0)
      return { blocks: searched.flatMap((s) => s.blocks), values: searched.map((s) => s.values) };
    if (known.length === 0) {
      const reasons = all.flatMap(({ held }) => ('reason' in held ? [held.reason] : []));
      return { omitted: `Not known: ${[...new Set(reasons)].join('; ') || 'there are no targets'}.` };
    }
    const { shown, more } = detailed(known, (k) => k);
    return {
      blocks: [
        ...searched.flatMap((s) => s.blocks),
        tableOf<Held>(
          'Largest loads by the limits that were evaluated; each holds at every smaller level too. Recommended (conservative): all limits hold with a margin of 20 %. Maximum: all hold. Burst: streams still succeed, however slow. Headroom: the distance from the recommended load to the first crossing, and its share of the recommended load. In brackets: what the sampling error leaves open, 95 %.',
          [
            ...ofColumn(input),
            {
              title: 'recommended',
              cell: (k) =>
                `${recommendedText([k.subject])}${intervalText(k.held.conservative, k.held.conservativeInterval, k.subject)}`,
              ...AT_LEAST,
            },
            {
              title: 'maximum',
              cell: (k) =>
                `${heldText(k.held.maximum, k.held.isAtLeast, k)}${intervalText(k.held.maximum, k.held.maximumInterval, k.subject)}`,
              ...AT_LEAST,
            },
            { title: 'burst', cell: (k) => heldText(k.held.burst, k.held.isBurstAtLeast, k), ...AT_LEAST },
            { title: 'gives first', align: 'left', cell: firstText },
            { title: 'headroom', cell: (k) => headroomText(k) },
          ],
          known,
          MAX_ROWS,
        ),
        ...(more === '' ? [] : [paragraph(more)]),
        ...shown.flatMap((k): Block[] => [...(known.length > 1 ? [heading(k.name)] : []), ...detailsOf(k)]),
      ],
      values: known.map(({ name, subject, held }) => ({
        of: name,
        unit: subject.unit,
        sharedBy: subject.sharedBy,
        ...held,
        headroom: headroomOf(held),
      })),
    };
  },
};

/** Returns what a run found that searched for the capacity: its result and its steps. */
function searchesIn({ runs }: ReportInput): RunPart[] {
  return runs.flatMap(({ name, summary }): RunPart[] => {
    const search = summary.capacity ?? null;
    if (search === null) return [];
    const unit = search.rate === undefined ? 'users' : 'streams a second';
    return [
      {
        blocks: [
          ...(runs.length > 1 ? [heading(`Run ${name}`)] : []),
          paragraph(`The search found: ${capacityText(search)}`),
          tableOf<CapacityStep>(
            'Steps of the search, in their order. n: observations of TTFB, failed streams included; time: settling and measuring.',
            [
              { title: unit, cell: (s) => countText(s.load) },
              {
                title: 'TTFB p95',
                cell: (s) => (s.ttfbP95Ms === null ? (s.ttfbCount === 0 ? '–' : '∞') : msText(s.ttfbP95Ms)),
              },
              {
                title: 'error',
                note: 'Error: p99 of the measurement error in the step.',
                cell: (s) => (s.measurementErrorMs === null ? '–' : msText(s.measurementErrorMs.p99)),
              },
              { title: 'n', cell: (s) => countText(s.ttfbCount) },
              { title: 'failed', cell: (s) => countText(s.failed) },
              { title: 'time', cell: (s) => msText(s.settledMs + s.measuredMs) },
              { title: 'result', align: 'left', cell: stepText },
            ],
            search.steps,
            MAX_ROWS,
          ),
        ],
        values: { run: name, search },
      },
    ];
  });
}

/** Share of the conservative load that is left to the first crossing, or to the highest level held. */
function headroomOf({ conservative, crossings, maximum }: HeldLoad): number | null {
  const end = crossings[0]?.at ?? maximum;
  return conservative === null || end === null ? null : Math.max(0, end / conservative - 1);
}

function headroomText({ held, subject }: Held): string {
  const headroom = headroomOf(held);
  // Of a load above which nothing was tried it is not known.
  if (headroom === null || (held.isAtLeast && headroom === 0)) return 'not known';
  const load = Math.floor(headroom * held.conservative!);
  return `${held.isAtLeast ? 'at least ' : ''}${loadText(load, subject)} (${shareText(headroom)})`;
}

function heldText(load: number | null, isAtLeast: boolean, { subject }: Analysed): string {
  if (load === null) return 'none';
  const shared = subject.sharedBy > 1 ? ` over all ${subject.sharedBy} targets` : '';
  return `${isAtLeast ? 'at least ' : ''}${loadText(load, subject)}${shared}`;
}

function firstText({ held, subject }: Held): string {
  const [first] = held.crossings;
  return first === undefined ? 'nothing was crossed' : `${first.limit.measure} ${placeText(first, subject)}`;
}

function detailsOf(k: Held): Block[] {
  const { held, subject } = k;
  const why = recommendedStop([subject]);
  const notes = [
    ...(why === null ? [] : [`The recommended load ends where it does because ${why.text}.`]),
    ...(held.inconclusive.length === 0
      ? []
      : [
          `Within the measurement error of a limit, so neither held nor crossed: ${held.inconclusive.map((l) => loadText(l, subject)).join(', ')}.`,
        ]),
    ...(held.unknown.length === 0
      ? []
      : [`A limit has no value at ${held.unknown.map((l) => loadText(l, subject)).join(', ')}.`]),
    ...(held.heldAgain.length === 0
      ? []
      : [
          `All limits hold again above a crossing, at ${held.heldAgain.map((l) => loadText(l, subject)).join(', ')}; these loads do not count.`,
        ]),
    ...(held.notByLevel.length === 0
      ? []
      : [
          `Not considered, since levels have no value of it: ${held.notByLevel.map((l) => l.measure).join(', ')}.`,
        ]),
    ...(subject.sharedBy > 1
      ? [`The loads are those of the plan, which ${subject.sharedBy} targets shared.`]
      : []),
  ];
  const crossings = tableOf<Crossing>(
    `${k.name}: limits that are crossed, the first one first. The load of a crossing is interpolated between the levels next to it; it lies between the last level that held and the first that did not.`,
    [
      { title: 'limit', align: 'left', cell: ({ limit }) => limitText(limit) },
      { title: 'severity', align: 'left', cell: ({ limit }) => limit.severity },
      { title: 'crossed', align: 'left', cell: (c) => placeText(c, subject) },
      { title: 'value there', align: 'left', cell: (c) => crossedText(c, k.subject) },
    ],
    held.crossings,
  );
  return [...(held.crossings.length === 0 ? [] : [crossings]), ...(notes.length === 0 ? [] : [list(notes)])];
}

function limitText({ measure, crossedWhen, limit, unit }: Crossing['limit']): string {
  return `${measure} ${crossedWhen} ${valueText(limit, unit)}`;
}
