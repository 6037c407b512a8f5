import { TIMING_NAMES, timingRecord } from '../../measures/list.ts';
import { isLive, type Threshold } from '../../thresholds/threshold.ts';
import { Fault } from './combinators.ts';
import { durationText, readDuration, readNumber, readShare, shareText } from './scalars.ts';

/** Example limit if neither the table nor the timing has one. */
const USUAL_SHARE = 0.95;

/** Returns a typical limit: that of the table, else a usual one for the timing. */
function usualLimit({ limit, metric }: Threshold): number {
  if (limit !== 'off') return limit;
  const timing = TIMING_NAMES.find((name) => name === metric);
  return timing === undefined ? USUAL_SHARE : timingRecord(timing).usualMs;
}

/** Formats a limit as in a configuration: `500ms`, `99%`. */
export function writtenLimit(limit: number, { unit }: Pick<Threshold, 'unit'>): string {
  if (unit === 'state') return 'on';
  if (unit === 'ms') return durationText(limit);
  return unit === 'ratio' ? shareText(limit) : String(limit);
}

/** Returns a typical limit as in a configuration. */
export function exampleOf(threshold: Threshold): string {
  return writtenLimit(usualLimit(threshold), threshold);
}

export function readLimit(value: unknown, threshold: Threshold): number | 'off' | Fault {
  if (value === 'off') return 'off';
  // The measure is a yes or no, so there is no limit to set.
  if (threshold.unit === 'state')
    return value === 'on' ? threshold.limit : new Fault('on or off', 'write off to disable it');
  const usual = usualLimit(threshold);
  const read = READ[threshold.unit](value, usual);
  if (!(read instanceof Fault)) return faultOfEnd(read, threshold) ?? read;
  const { expected, advice } = read;
  return new Fault(
    `${expected}, or off`,
    advice.startsWith('write for example') ? `write for example ${exampleOf(threshold)}` : advice,
  );
}

/** A share of streams is never below 0 and never above 1. */
function faultOfEnd(limit: number, threshold: Threshold): Fault | undefined {
  if (threshold.unit !== 'ratio' || !isLive(threshold)) return undefined;
  const advice = 'write off, since it can never be crossed';
  if (threshold.op === '<' && limit === 0) return new Fault('a percentage above 0%, or off', advice);
  if (threshold.op === '>' && limit === 1) return new Fault('a percentage below 100%, or off', advice);
  return undefined;
}

const READ: Readonly<
  Record<Exclude<Threshold['unit'], 'state'>, (value: unknown, usual: number) => number | Fault>
> = {
  ms: (value, exampleMs) => readDuration(value, { exampleMs }),
  ratio: readShare,
  streams: (value) => readNumber(value, { min: 1, whole: true }),
  times: (value) => readNumber(value, { min: 0, above: true }),
};
