import { formatDuration } from '../core/duration.ts';
import type { Outage, OutageChange } from './availability.ts';

/** Number of outcomes of an outage in a text. */
const NAMED = 3;

/** Returns the outcomes of an outage, the most frequent first: "412 connect_error, 3 reset". */
export function outcomesText({ outcomes }: Pick<Outage, 'outcomes'>): string {
  const sorted = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  const more = sorted.length > NAMED ? ', …' : '';
  return `${sorted
    .slice(0, NAMED)
    .map(([outcome, n]) => `${n} ${outcome}`)
    .join(', ')}${more}`;
}

/** Returns the text of an event of the run about an outage. */
export function outageText({ kind, outage }: OutageChange): string {
  const { target, fromAt, toAt } = outage;
  const since = new Date(fromAt).toISOString();
  if (kind === 'began') return `${target} is down since ${since}: ${outcomesText(outage)}`;
  return `${target} is up again; it was down for ${formatDuration(toAt - fromAt)} from ${since}: ${outcomesText(outage)}`;
}
