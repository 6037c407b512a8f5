import { formatDuration } from '../core/duration.ts';
import type { Drift } from './drift.ts';
import { SIGNALS, type SignalUnit } from './signals.ts';

/** Beyond this many hours no word is said of when a limit is reached: 30 days. */
const FAR_HOURS = 720;

/** One sentence on one drift, for a person, without the target's name. */
export function driftText(drift: Drift): string {
  const { unit, title } = SIGNALS[drift.signal];
  const begin = title.charAt(0).toUpperCase() + title.slice(1);
  if (drift.kind === 'step')
    return `${begin} stepped up by ${amount(drift.steps!.height, unit)}, to ${value(drift.level, unit)}`;
  const [low, high] = drift.interval;
  const how =
    drift.kind === 'staircase'
      ? ` in steps of about ${amount(drift.steps!.height, unit)} every ${formatDuration(drift.steps!.everyMs!)},`
      : '';
  const slope = `${amount(drift.slopePerHour, unit)} an hour (95 % interval ${range(low, high, unit)})`;
  return `${begin} climbs${how} ${slope}${reaching(drift, unit)}`;
}

function reaching({ limit, reachesLimitInHours: hours }: Drift, unit: SignalUnit): string {
  if (limit === null || hours === null) return '';
  if (hours === 0) return `, and is above ${value(limit, unit)}`;
  if (hours > FAR_HOURS) return '';
  return `, reaches ${value(limit, unit)} in ${hours >= 48 ? `${Math.round(hours / 24)} days` : hours >= 10 ? `${Math.round(hours)} h` : formatDuration(hours * 3_600_000)}`;
}

/** A difference: 42 ms, 0.12 points, 3.1 MiB. Two digits say enough of what is estimated. */
function amount(v: number, unit: SignalUnit): string {
  const [number, name] = scaled(v, unit, v);
  return `${number} ${name}`;
}

function range(low: number, high: number, unit: SignalUnit): string {
  return `${scaled(low, unit, high)[0]}–${scaled(high, unit, high)[0]}`;
}

/** @param by the value that chooses the unit */
function scaled(v: number, unit: SignalUnit, by: number): [number: string, name: string] {
  const large = Math.abs(by);
  if (unit === 'ms') return large >= 10_000 ? [digits(v / 1000), 's'] : [digits(v), 'ms'];
  if (unit === 'ratio') return [digits(v * 100), 'percentage points'];
  if (large >= 2 ** 30) return [digits(v / 2 ** 30), 'GiB'];
  return large >= 2 ** 20 ? [digits(v / 2 ** 20), 'MiB'] : [digits(v / 1024), 'KiB'];
}

function digits(v: number): string {
  const whole = Math.abs(v) >= 10;
  return String(whole ? Math.round(v) : Number(v.toPrecision(2)));
}

/** A level: 2.5 s, 1 %, 410 MiB. */
function value(v: number, unit: SignalUnit): string {
  if (unit === 'ms') return v >= 1000 ? `${Number((v / 1000).toFixed(2))} s` : `${digits(v)} ms`;
  if (unit === 'ratio') return `${digits(v * 100)} %`;
  const [number, name] = scaled(v, unit, v);
  return `${number} ${name}`;
}
