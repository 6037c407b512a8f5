import { iso } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import { formatCount } from '../core/number.ts';
import type { Outage, OutageChange } from './availability.ts';
import type { EventLine } from './run-log.ts';

/** Number of outcomes of an outage in a text. */
const NAMED = 3;

/** Returns the outcomes of an outage, the most frequent first: "412 connect_error, 3 reset". */
export function outcomesText({ outcomes }: Pick<Outage, 'outcomes'>): string {
  const sorted = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  const more = sorted.length > NAMED ? ', …' : '';
  return `${sorted
    .slice(0, NAMED)
    .map(([outcome, n]) => `${formatCount(n)} ${outcome}`)
    .join(', ')}${more}`;
}

/** Returns the text of an event of the run about an outage. */
export function outageText({ kind, outage }: OutageChange): string {
  const { target, fromAt, toAt } = outage;
  const since = iso(fromAt);
  if (kind === 'began') return `${target} has been down since ${since}: ${outcomesText(outage)}`;
  const now = kind === 'ended' ? 'is up again' : 'was not up again by the end of the run';
  return `${target} ${now}; the outage lasted ${formatDuration(toAt - fromAt)} from ${since} (${outcomesText(outage)})`;
}

/** Returns the log line of an outage: a target that is down needs a person, one that is up again does not. */
export function outageLine({ kind, outage }: OutageChange): EventLine {
  const { target, fromAt, toAt, outcomes } = outage;
  const facts = { target, fromAt: iso(fromAt), outcomes };
  if (kind === 'began') return { level: 'warn', facts };
  const line = { facts: { ...facts, lastedMs: Math.round(toAt - fromAt) } };
  return kind === 'ended'
    ? { ...line, text: 'target is up again' }
    : { ...line, level: 'warn', text: 'target was not up again by the end of the run' };
}
