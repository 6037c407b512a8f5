import type { RunEvent } from '../core/control.ts';
import type { Summary } from '../report/summary.ts';
import type { Plot } from './document.ts';
import type { ReportedRun } from './input.ts';

/** Bands of each kind, and marks, of one plot. */
const MAX_BANDS = 60;
const MAX_MARKS = 12;

/** Events that change the load or the run; the others are in the table of events. */
const MARKED: readonly RunEvent['action'][] = [
  'warm-up',
  'set',
  'pause',
  'resume',
  'skip',
  'extend',
  'stop',
  'gap',
];

/** Returns gaps, outages and unreliable windows of a run, neighbours as one. */
export function bandsOf({ summary, unreliable = [] }: ReportedRun): Plot['bands'] {
  return [
    ...joined(
      summary.run.gaps.map(({ fromAt, toAt }) => [Date.parse(fromAt), Date.parse(toAt)] as const),
    ).map(([from, to]) => ({ from, to, label: 'gap: nothing measured', tone: 'unknown' as const })),
    ...joined(summary.outages.map(({ from, to }) => [Date.parse(from), Date.parse(to)] as const)).map(
      ([from, to]) => ({ from, to, label: 'outage of a target', tone: 'bad' as const }),
    ),
    ...joined(unreliable.map(({ fromAt, toAt }) => [fromAt, toAt] as const)).map(([from, to]) => ({
      from,
      to,
      label: 'unreliable timings',
      tone: 'warning' as const,
    })),
  ];
}

/** Returns the events that a plot marks, numbered. */
export function marksOf({ run }: Summary): Plot['marks'] {
  return run.events
    .filter(({ action }) => MARKED.includes(action))
    .slice(0, MAX_MARKS)
    .map(({ at, action, detail }, index) => ({
      x: Date.parse(at),
      label: `${index + 1}: ${action}${detail === '' || detail === action ? '' : `, ${detail}`}`,
    }));
}

function joined(spans: readonly (readonly [from: number, to: number])[]): [from: number, to: number][] {
  const all: [number, number][] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all.slice(0, MAX_BANDS);
}
