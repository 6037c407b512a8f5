import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/clock.ts';
import { DURATION_PATTERN, parseDuration } from '../../core/duration.ts';
import { list as enumerate, quote } from '../describe.ts';
import { adviseName } from '../nearest.ts';
import { Fault, scalar } from './combinators.ts';

/** Node's timers hold 31 bits of milliseconds; a longer timer would fire at once. */
export const MAX_TIMER_MS = 24 * DAY_MS;

const DURATION = 'a duration such as 250ms, 1.5s or 1h30m';

/** Formats a duration exactly, as in a configuration; `formatDuration` rounds. */
export function durationText(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, size] of [
    ['d', DAY_MS],
    ['h', HOUR_MS],
    ['m', MINUTE_MS],
  ] as const) {
    const n = Math.floor(rest / size);
    if (n > 0) text += `${n}${unit}`;
    rest -= n * size;
  }
  if (rest === 0) return text === '' ? '0s' : text;
  return text + (rest >= 1000 ? `${rest / 1000}s` : `${rest}ms`);
}

export interface DurationRange {
  readonly zero?: boolean;
  readonly minMs?: number;
  readonly maxMs?: number;
  /** Typical value for the advice; 30 s if absent. */
  readonly exampleMs?: number;
}

export function readDuration(value: unknown, range: DurationRange = {}): number | Fault {
  const { zero = false, minMs = 0, maxMs = Number.MAX_SAFE_INTEGER, exampleMs = 30_000 } = range;
  const example = `write for example ${durationText(Math.min(exampleMs, maxMs))}`;
  const fits = (ms: number): boolean => (zero ? ms >= 0 : ms > 0) && ms >= minMs && ms <= maxMs;
  const ms = typeof value === 'string' ? parseDuration(value) : value === 0 ? 0 : undefined;
  if (ms === undefined || (value === 0 && zero)) {
    const advice = adviseUnit(value, fits, range.exampleMs) ?? adviseSpelling(value, fits) ?? example;
    return new Fault(DURATION, advice);
  }
  if (ms === 0 && !zero) return new Fault('a duration above 0', example);
  if (ms < minMs)
    return new Fault(
      `a duration of at least ${durationText(minMs)}`,
      `write at least ${durationText(minMs)}`,
    );
  if (ms > maxMs) return new Fault(`a duration of at most ${durationText(maxMs)}`, 'write a shorter one');
  return ms;
}

/** Returns the advice for a number without a unit: the valid units, or the more likely one if that is known. */
function adviseUnit(
  value: unknown,
  fits: (ms: number) => boolean,
  exampleMs: number | undefined,
): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || !/^\d+(\.\d+)?$/.test(text)) return undefined;
  const ways = (['s', 'ms'] as const)
    .map((unit) => `${text}${unit}`)
    .filter((way) => fits(parseDuration(way) ?? Number.NaN));
  if (ways.length === 0) return undefined;
  // A text comes from a flag, where a number without a unit usually means seconds.
  if (exampleMs === undefined && typeof value === 'string') return `write ${ways[0]}`;
  if (exampleMs === undefined) return `write ${ways.join(' or ')}`;
  const off = (way: string): number => Math.abs(Math.log(parseDuration(way)! / exampleMs));
  return `write ${ways.reduce((a, b) => (off(b) < off(a) ? b : a))}`;
}

function adviseSpelling(value: unknown, fits: (ms: number) => boolean): string | undefined {
  if (typeof value !== 'string') return undefined;
  const usual = value
    .toLowerCase()
    .replace(/\s+/g, '')
    .replace(/(milliseconds?|msecs?)/g, 'ms')
    .replace(/(hours?|hrs?)/g, 'h')
    .replace(/(minutes?|mins?)/g, 'm')
    .replace(/(seconds?|secs?)/g, 's')
    .replace(/days?/g, 'd');
  return fits(parseDuration(usual) ?? Number.NaN) ? `write ${usual}` : undefined;
}

export const duration = (range: DurationRange = {}) =>
  scalar((value) => readDuration(value, range), {
    type: 'string',
    pattern: DURATION_PATTERN,
    description: DURATION,
  });

export interface NumberRange {
  readonly min: number;
  readonly max?: number;
  readonly whole?: boolean;
  /** Excludes `min` itself. */
  readonly above?: boolean;
}

function rangeText({ min, max, whole = false, above = false }: NumberRange): string {
  const noun = whole ? 'a whole number' : 'a number';
  if (above) return max === undefined ? `${noun} above ${min}` : `${noun} above ${min} and at most ${max}`;
  return max === undefined ? `${noun} of at least ${min}` : `${noun} from ${min} to ${max}`;
}

export function readNumber(value: unknown, range: NumberRange): number | Fault {
  const { min, max = Number.MAX_SAFE_INTEGER, whole = false, above = false } = range;
  const fits = (n: number): boolean =>
    Number.isFinite(n) && (above ? n > min : n >= min) && n <= max && (!whole || Number.isSafeInteger(n));
  if (typeof value === 'number' && fits(value)) return value;
  const next = above || min === 0 ? min + 1 : min;
  let advice = `write for example ${fits(next) ? next : max}`;
  if (typeof value === 'string' && value.trim() !== '' && fits(Number(value)))
    advice = `write ${Number(value)} without quotes`;
  else if (typeof value === 'number' && whole && fits(Math.round(value)))
    advice = `write ${Math.round(value)}`;
  else if (typeof value === 'number' && value > max) advice = `write at most ${max}`;
  else if (typeof value === 'number' && value <= min && !above) advice = `write at least ${min}`;
  return new Fault(rangeText(range), advice);
}

export const number = (range: NumberRange) =>
  scalar((value) => readNumber(value, range), {
    type: range.whole === true ? 'integer' : 'number',
    [range.above === true ? 'exclusiveMinimum' : 'minimum']: range.min,
    maximum: range.max,
    description: rangeText(range),
  });
export const whole = (min: number, max?: number) =>
  number(max === undefined ? { min, whole: true } : { min, max, whole: true });

const SIZE_UNIT: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

const SIZE = 'a number of bytes such as 1024, 1KiB or 1MiB';
const SIZE_JSON = {
  type: ['integer', 'string'],
  minimum: 0,
  pattern: '^\\d+(\\.\\d+)?(B|[KMG]iB)$',
  description: SIZE,
};

export const size = () =>
  scalar((value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    if (typeof value !== 'string') return new Fault(SIZE, 'write for example 1KiB');
    const match = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(value);
    const bytes = match === null ? Number.NaN : Number(match[1]) * (SIZE_UNIT[match[2]!] ?? Number.NaN);
    if (Number.isSafeInteger(bytes) && !/\s/.test(value)) return bytes;
    const isWhole = Number.isSafeInteger(Number(match?.[1])) && Number(match![1]) > 0;
    if (match?.[2] === '' && isWhole) return new Fault(SIZE, `write ${match[1]} without quotes`);
    const unit = Object.keys(SIZE_UNIT).find((u) => u[0] === match?.[2]?.[0]?.toUpperCase());
    const fits =
      unit !== undefined &&
      Number(match![1]) > 0 &&
      Number.isSafeInteger(Number(match![1]) * SIZE_UNIT[unit]!);
    return new Fault(SIZE, fits ? `write ${match![1]}${unit}` : 'write for example 1KiB');
  }, SIZE_JSON);

const SHARE = 'a percentage such as 99% or a ratio from 0 to 1';

/** Formats a share as in a configuration: `99%`. */
export const shareText = (share: number): string => `${Number((share * 100).toPrecision(12))}%`;

/**
 * Schema of a share from 0 to 1, written as a ratio or a percentage, with an optional space before the sign.
 * @param example typical value for the advice
 */
export function readShare(value: unknown, example = 0.99): number | Fault {
  const expected = SHARE;
  const advice = `write for example ${shareText(example)}`;
  if (typeof value !== 'string' && typeof value !== 'number') return new Fault(expected, advice);
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  const [, numeral, sign] = /^(\d+(?:[.,]\d+)?) ?(%?)$/.exec(String(value)) ?? [];
  if (numeral === undefined) return new Fault(expected, advice);
  const point = numeral.replace(',', '.');
  // Parsed with a decimal exponent, since 99.9 / 100 is 0.9990000000000001.
  const ratio = Number(`${point}e-2`);
  if (ratio > 1) return new Fault('a percentage of at most 100%, or a ratio from 0 to 1', advice);
  if (numeral !== point) return new Fault(expected, `write ${point}${sign === '' ? '%' : sign}`);
  if (sign !== '') return ratio;
  if (typeof value === 'number') return new Fault(expected, `write ${value}%`);
  // Never advises 0, which rarely is a useful limit.
  if (ratio === 0) return new Fault(expected, advice);
  return new Fault(expected, `write ${value}${Number(value) <= 1 ? ' without quotes' : '%'}`);
}

export const share = (example?: number) =>
  scalar((value) => readShare(value, example), {
    type: ['number', 'string'],
    minimum: 0,
    maximum: 1,
    pattern: '^\\d+(\\.\\d+)? ?%$',
    description: SHARE,
  });

export function oneOf<const T extends string>(values: readonly T[]) {
  const expected = values.length === 1 ? `${values[0]}` : `one of ${enumerate(values)}`;
  return scalar(
    (value): T | Fault => {
      if (values.includes(value as T)) return value as T;
      return new Fault(
        expected,
        adviseName(String(value), values, `write ${values.length === 1 ? 'it' : 'one of them'}`),
      );
    },
    { enum: values },
  );
}

/** Schema of a non-empty text; YAML reads `5` and `true` as other types, which need quotes. */
export function text(what: string, check: (text: string) => Fault | undefined = () => undefined) {
  return scalar(
    (value): string | Fault => {
      if (typeof value === 'number' || typeof value === 'boolean') return new Fault(what, 'put it in quotes');
      if (typeof value !== 'string' || value === '') return new Fault(what, 'write a string');
      return check(value) ?? value;
    },
    { type: 'string', minLength: 1, description: what },
  );
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;
const NAME_WANTED =
  'a name of at most 63 letters, digits, "_", "." and "-" that begins with a letter or digit';

export function faultOfName(name: string): Fault | undefined {
  return NAME.test(name)
    ? undefined
    : new Fault(NAME_WANTED, 'choose another name', `the name ${quote(name)}`);
}

export const name = () =>
  text(NAME_WANTED, (value) =>
    NAME.test(value) ? undefined : new Fault(NAME_WANTED, 'choose another name'),
  );

/** Schema of an unsigned 32-bit integer, the range of distinct seeds of the random generator. */
export const seed = () => whole(0, 0xffff_ffff);
