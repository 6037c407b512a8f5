import type { Block } from '../../schema/report.ts';
import type { Summary } from '../../schema/summary.ts';
import { eachRun, paragraph, type RunPart, tableOf } from '../blocks.ts';
import type { SectionRecord } from '../input.ts';
import { countText, msText, timeText } from '../text.ts';

/** Rows of each table. */
const MAX_ROWS = 50;

export const events: SectionRecord = {
  id: 'events',
  title: 'Events, outages and gaps',
  make: (input) => eachRun(input, ({ summary }) => eventsOf(summary)),
};

function eventsOf({ run, outages, outagesOmitted, drift }: Summary): RunPart | string {
  if (run.events.length + outages.length + run.gaps.length + drift.found.length === 0)
    return 'The run has no event.';
  return {
    blocks: [
      tableOf(
        'Events of the run, in UTC.',
        [
          { title: 'at', align: 'left', cell: (e) => timeText(e.at) },
          { title: 'event', align: 'left', cell: (e) => e.action },
          { title: 'by', align: 'left', cell: (e) => e.by },
          { title: 'what', align: 'left', cell: (e) => e.detail },
        ],
        run.events,
        MAX_ROWS,
      ),
      ...outageBlocks(outages, outagesOmitted),
      ...gapBlocks(run),
      ...driftBlocks(drift),
    ],
    values: { events: run.events.slice(0, 1000), outages, outagesOmitted, gaps: run.gaps, drift },
  };
}

function outageBlocks(outages: Summary['outages'], omitted: number): Block[] {
  if (outages.length === 0) return [paragraph('No target had an outage.')];
  return [
    tableOf(
      `Outages: times in which a target served no stream, to the second, from the first second in which streams only failed to the last.${omitted > 0 ? ` ${countText(omitted)} more are not listed.` : ''}`,
      [
        { title: 'target', align: 'left', cell: (o) => o.target },
        { title: 'from (UTC)', align: 'left', cell: (o) => timeText(o.from) },
        { title: 'to', align: 'left', cell: (o) => timeText(o.to) },
        { title: 'lasted', cell: (o) => msText(o.lastedMs) },
        {
          title: 'served again',
          align: 'left',
          cell: (o) => (o.servedAgainAt === null ? { text: 'no', tone: 'bad' } : timeText(o.servedAgainAt)),
        },
        {
          title: 'failures',
          align: 'left',
          cell: (o) =>
            Object.entries(o.outcomes)
              .map(([outcome, n]) => `${countText(n)} ${outcome}`)
              .join(', '),
        },
      ],
      outages,
      MAX_ROWS,
    ),
  ];
}

function gapBlocks({ gaps, events }: Summary['run']): Block[] {
  if (gaps.length === 0) {
    const frozen = events.filter(({ action }) => action === 'freeze').length;
    const freezes =
      frozen === 0
        ? ''
        : `, but soakd was frozen ${frozen === 1 ? 'once' : `${countText(frozen)} times`} during the run`;
    return [paragraph(`The run has no gap: one process carried it out from start to end${freezes}.`)];
  }
  return [
    tableOf(
      'Gaps: times in which soakd was not running. Nothing was measured in them.',
      [
        { title: 'from (UTC)', align: 'left', cell: (g) => timeText(g.fromAt) },
        { title: 'to', align: 'left', cell: (g) => timeText(g.toAt) },
        { title: 'lasted', cell: (g) => msText(Date.parse(g.toAt) - Date.parse(g.fromAt)) },
        { title: 'open streams lost', cell: (g) => countText(g.lost) },
      ],
      gaps,
      MAX_ROWS,
    ),
  ];
}

function driftBlocks({ found, evaluated }: Summary['drift']): Block[] {
  if (evaluated === 0)
    return [paragraph('Drift was not evaluated: it needs ten minutes of steady load after the warm-up.')];
  if (found.length === 0) return [paragraph(`No drift was found in ${evaluated} series.`)];
  return [
    tableOf(
      `Drift: upward trends under steady load, in ${evaluated} series that were evaluated.`,
      [
        { title: 'target', align: 'left', cell: (d) => d.target ?? 'soakd itself' },
        { title: 'since (UTC)', align: 'left', cell: (d) => timeText(d.since) },
        { title: 'windows', cell: (d) => countText(d.windows) },
        { title: 'what', align: 'left', cell: (d) => d.text },
      ],
      found,
      MAX_ROWS,
    ),
  ];
}
