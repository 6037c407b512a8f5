import { createTask, validateDetailed } from 'node-cron';
import { DAY_MS } from '../core/clock.ts';
import { faultOfFields, type PatternFault } from './cron-fields.ts';

/** Every possible day of a pattern, even a 29 February on one day of the week, occurs within 40 years. */
const MAX_DAYS = 41 * 366;
const NICKNAME = /^@[a-z]+$/i;
/** First day on which a pattern is tested. */
const TRIED_FROM = Date.UTC(2001, 0, 1);

/**
 * A cron pattern on a wall clock of its own, without zone and daylight saving. A wall time is written as the
 * ms since 1970 that a clock in UTC would have when it shows the same.
 */
export interface Pattern {
  /** Whether it names every hour of the day, and so an interval rather than times. */
  readonly everyHour: boolean;
  /**
   * @returns the first wall time after this one that fits, whole seconds; `undefined` if none occurs within
   * 40 years
   */
  next(wallMs: number): number | undefined;
}

/** @returns what is wrong with a cron pattern; `undefined` for one that can be used */
export function faultOfPattern(text: string): PatternFault | undefined {
  const pattern = normal(text);
  if (pattern.startsWith('@')) {
    return NICKNAME.test(pattern) && validateDetailed(pattern).valid
      ? undefined
      : {
          expected: '@hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually, or five fields',
          advice: 'write for example "0 2 * * *", every night at 2',
        };
  }
  const fault = faultOfFields(pattern);
  if (fault !== undefined) return fault;
  const { valid, errors } = validateDetailed(pattern);
  // The parser also checks fields against each other: 30 February.
  if (errors.some((e) => e.field !== 'dayOfMonth' || !e.message.includes('impossible')))
    return { wrong: `its ${errors[0]!.field}`, expected: 'a cron pattern', advice: 'fix that field' };
  if (!valid || readPattern(pattern).next(TRIED_FROM) === undefined)
    return {
      wrong: 'no such date exists',
      expected: 'a date that exists',
      advice: 'fix the days and the month: a date must fit all of them',
    };
  return undefined;
}

/**
 * @param text without a fault
 * @throws Error for one with
 */
export function readPattern(text: string): Pattern {
  const pattern = normal(text);
  const { fields } = validateDetailed(pattern);
  if (fields === undefined) throw new Error(`not a cron pattern: ${pattern}`);
  const [seconds, minutes, hours] = [fields.second, fields.minute, fields.hour].map(ascending);
  const months = new Set(fields.month);
  // The task is never started and is removed from the library's list: only its matcher is used.
  const task = createTask(pattern, () => {}, { timezone: 'UTC' });
  void task.destroy();
  const firstMs = (hours![0]! * 3600 + minutes![0]! * 60 + seconds![0]!) * 1000;
  const isDay = (dayMs: number): boolean =>
    months.has(new Date(dayMs).getUTCMonth() + 1) && task.match(new Date(dayMs + firstMs));

  /** The first time of a day from this second of it on, s. */
  const timeFrom = (from: number): number | undefined => {
    for (const h of hours!) {
      if (h * 3600 + 3599 < from) continue;
      for (const m of minutes!) {
        const minute = h * 3600 + m * 60;
        if (minute + 59 < from) continue;
        const second = seconds!.find((s) => minute + s >= from);
        if (second !== undefined) return minute + second;
      }
    }
    return undefined;
  };

  return {
    everyHour: hours!.length === 24,
    next(wallMs) {
      const from = Math.floor(wallMs / 1000) * 1000 + 1000;
      let dayMs = Math.floor(from / DAY_MS) * DAY_MS;
      for (let i = 0; i < MAX_DAYS; i++, dayMs += DAY_MS) {
        const time = timeFrom(i === 0 ? (from - dayMs) / 1000 : 0);
        if (time !== undefined && isDay(dayMs)) return dayMs + time * 1000;
      }
      return undefined;
    },
  };
}

const normal = (text: string): string => text.trim().replace(/\s+/g, ' ');

const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
