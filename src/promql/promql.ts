import { DAY_MS, HOUR_MS, MINUTE_MS } from '../core/clock.ts';

/** Small pieces of PromQL, each right in itself. */

const UNITS = [
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
  ['s', 1000],
  ['ms', 1],
] as const;

/** @returns a duration as PromQL and rule files write it, in the largest unit that gives a whole number: `5m`, `90s` */
export function promDuration(ms: number): string {
  const whole = Math.round(ms);
  const [unit, size] = UNITS.find(([, size]) => whole >= size && whole % size === 0) ?? ['s', 1000];
  return `${whole / size}${unit}`;
}

/** @returns a number without the noise of doubles: 1 - 0.99 as `0.01` */
export function promNumber(value: number): string {
  return String(Number(value.toPrecision(12)));
}

/** @returns a text in double quotes, with what PromQL would read otherwise escaped */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/**
 * A matcher that holds for just these values of a label, or for all others.
 * @param not whether for the others
 */
export function among(label: string, values: readonly string[], not = false): string {
  if (values.length === 1) return `${label}${not ? '!=' : '='}${quoted(values[0]!)}`;
  // Prometheus anchors regular expressions by itself.
  const pattern = values.map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  return `${label}${not ? '!~' : '=~'}${quoted(pattern)}`;
}

/** @returns a matcher of a bucket's edge; Prometheus 3 writes an edge of 35 as 35.0, versions before as it was sent */
export function edge(seconds: number): string {
  const text = promNumber(seconds);
  return Number.isInteger(seconds) ? `le=~${quoted(`${text}(\\.0)?`)}` : `le=${quoted(text)}`;
}

/** @returns matchers in braces; nothing for none */
export function braces(...matchers: readonly string[]): string {
  const present = matchers.filter((m) => m !== '');
  return present.length === 0 ? '' : `{${present.join(', ')}}`;
}

/** @returns lines moved to the right by two blanks */
export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
