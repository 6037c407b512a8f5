import { formatDuration } from '../core/duration.ts';
import { formatCount, formatPercent } from '../core/number.ts';

const NONE = '–';

export const msText = (value: number | null | undefined): string =>
  value == null ? NONE : formatDuration(value);
export const shareText = (value: number | null | undefined): string =>
  value == null ? NONE : formatPercent(value);
export const countText = (value: number | null | undefined): string =>
  value == null ? NONE : formatCount(value);
/** Four digits, at most. */
export const numberText = (value: number | null | undefined): string =>
  value == null ? NONE : Math.abs(value) >= 1000 ? formatCount(value) : String(Number(value.toPrecision(4)));

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Writes bytes for a person: `1.5 KiB`. */
export function bytesText(value: number | null | undefined): string {
  if (value == null) return NONE;
  const step = value < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(value) / 10));
  return `${Number((value / 1024 ** step).toPrecision(3))} ${BYTES[step]}`;
}

/** Writes a time in UTC: `2026-11-30 12:00:05`. @param at ISO 8601, or ms since 1970 */
export function timeText(at: string | number): string {
  const ms = typeof at === 'number' ? at : Date.parse(at);
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 19).replace('T', ' ') : NONE;
}

export function clockText(at: string | number | null): string {
  return at === null ? NONE : timeText(at).slice(11);
}

/** Writes a span in UTC; the day stands before its end only where it is another one. */
export function spanText(from: string | number | null, to: string | number | null): string {
  if (from === null || to === null) return 'at a time that is not known';
  const [a, b] = [timeText(from), timeText(to)];
  return `${a} to ${a.slice(0, 10) === b.slice(0, 10) ? b.slice(11) : b} UTC`;
}

/** Writes a list for a sentence, its end left out: `a, b and 3 more`. */
export function someOf(names: readonly string[], max = 6): string {
  const more = names.length - max;
  if (more > 0) return `${names.slice(0, max).join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Verb of a number of things in the past. */
export const wereText = (n: number): string => (n === 1 ? 'was' : 'were');

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${formatCount(n)} ${n === 1 ? one : many}`;
