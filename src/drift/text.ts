import { HOUR_MS } from '../core/clock.ts';
import type { Drift, Periodic } from './drift.ts';
import { SIGNALS, type SignalUnit } from './signals.ts';

/** Hours after which the time to a limit is left out: 30 days. */
const FAR_HOURS = 720;

/** Returns one sentence on a drift, without the target's name and the full stop. */
export function driftText(drift: Drift): string {
  const { unit, title } = SIGNALS[drift.signal];
  const name = title.charAt(0).toUpperCase() + title.slice(1);
  const { steps } = drift;
  if (drift.kind === 'step') {
    return `${name} stepped up by ${amount(steps!.height, unit)}, to ${value(drift.level, unit)}`;
  }
  const how =
    drift.kind === 'staircase'
      ? `rises in steps of about ${amount(steps!.height, unit)} every ${time(steps!.everyMs! / HOUR_MS)},`
      : 'has an upward trend of';
  const slope = `${amount(drift.slopePerHour, unit)} an hour (95 % interval ${range(drift.interval, unit)})`;
  return `${name} ${how} ${slope}${reaching(drift, unit)}`;
}

/** Returns one sentence on a periodic signal. */
export function periodicText({ signal, periodMs }: Periodic): string {
  const { title } = SIGNALS[signal];
  return `${title.charAt(0).toUpperCase()}${title.slice(1)} is periodic (every ${time(periodMs / HOUR_MS)}) and has no upward trend`;
}

function reaching({ limit, reachesLimitInHours: hours }: Drift, unit: SignalUnit): string {
  if (limit === null || hours === null || hours > FAR_HOURS) return '';
  if (hours === 0) return `, is above ${value(limit, unit)}`;
  return `, reaches ${value(limit, unit)} in ${time(hours)}`;
}

/** A time that is estimated: 40 s, 12 min, 3.5 h, 11 h, 4 days. */
function time(hours: number): string {
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  if (hours >= 1) return `${digits(hours)} h`;
  return hours >= 1 / 30 ? `${Math.round(hours * 60)} min` : `${Math.round(hours * 3600)} s`;
}

/** A difference: 42 ms, 0.12 points, 3.1 MiB. Two digits say enough of what is estimated. */
function amount(v: number, unit: SignalUnit): string {
  const [number, name] = scaled(v, unit, v);
  return `${number} ${name}`;
}

function range([low, high]: readonly [number, number], unit: SignalUnit): string {
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
