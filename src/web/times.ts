import { formatDuration } from '../core/duration.ts';

/** Locale and time zone of a text; absent: those of the reader. */
export interface Zone {
  readonly locale?: string;
  readonly timeZone?: string;
}

/** Returns a time of day: `14:05:09`. */
export function clockText(at: string | number, { locale, timeZone }: Zone = {}): string {
  return new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(at));
}

/** Returns date and time: `Nov 30, 14:05`. */
export function dateText(at: string | number, { locale, timeZone }: Zone = {}): string {
  return new Intl.DateTimeFormat(locale, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(at));
}

/** Returns the time of day of today, and of another day with its date. */
export function momentText(at: string | number, nowMs: number, zone: Zone = {}): string {
  const day = (time: string | number): string =>
    new Intl.DateTimeFormat('en-CA', {
      dateStyle: 'short',
      ...(zone.timeZone === undefined ? {} : { timeZone: zone.timeZone }),
    }).format(new Date(time));
  return day(at) === day(nowMs) ? clockText(at, zone) : dateText(at, zone);
}

const ISO = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Returns a text of the server with its UTC times in the zone of the reader. */
export function localTimes(text: string, nowMs: number, zone: Zone = {}): string {
  return text.replace(ISO, (at) => momentText(at, nowMs, zone));
}

/** Returns how long something has lasted, in whole seconds, minutes from one hour on. */
export function lastedText(ms: number): string {
  return ms < 500 ? '0s' : formatDuration(Math.round(ms / 1000) * 1000);
}

/** Returns "since 14:05:09 (3m)". */
export function sinceText(at: string, nowMs: number, zone: Zone = {}): string {
  return `since ${momentText(at, nowMs, zone)} (${lastedText(nowMs - Date.parse(at))})`;
}
