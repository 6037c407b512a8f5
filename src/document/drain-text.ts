import type { Subject } from '../analysis/level-point.ts';
import { loadText } from './analysed.ts';
import { msText } from './text.ts';

const RATES = {
  load: 'its rates and open streams are those of the time before',
  whole: 'its rates and open streams are those of the whole time',
  none: 'its rates and open streams are left out',
} as const;

/** Writes which part of the last level was no load, and what is therefore not shown of it; empty: none was. */
export function drainText({ levels, unit }: Pick<Subject, 'levels' | 'unit'>): string {
  return levels
    .flatMap(({ load, seconds, drainSeconds, ratesOf = 'whole' }) => {
      if (drainSeconds === undefined || seconds === null) return [];
      const rest = msText(Math.round(drainSeconds) * 1000);
      return [
        ` The last level, ${loadText(load, { unit })}, includes ${rest} after the end of the load, in which open streams ended and none started: ${RATES[ratesOf]}, and n counts the streams that ended then too.`,
      ];
    })
    .join('');
}
