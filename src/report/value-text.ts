import { formatDuration } from '../core/duration.ts';
import { formatPercent } from '../core/number.ts';
import type { ThresholdSummary } from '../schema/summary.ts';

/** Flags or commands that show what a text leaves out. */
export interface MoreIn {
  /** Shows URLs, timeouts, settings and all timings. */
  readonly verbose: string;
  /** Shows everything. */
  readonly json: string;
}

/** Digits that are tried one after another until a value and its limit read differently. */
const DIGITS = [3, 5, 8, 12];

/** Returns a value of a threshold for a person. */
export function valueText(value: number, unit: ThresholdSummary['unit']): string {
  return unit === 'ms' ? formatDuration(value) : formatPercent(value);
}

/** Returns an observed value and its limit: "4.1s > 2.5s". They read differently where they differ. */
export function comparison(
  { limit, crossedWhen, unit }: Pick<ThresholdSummary, 'limit' | 'crossedWhen' | 'unit'>,
  observed: number,
): string {
  const usual = [valueText(observed, unit), valueText(limit, unit)];
  if (usual[0] !== usual[1] || observed === limit) return usual.join(` ${crossedWhen} `);
  const exact = (value: number, digits: number): string =>
    unit === 'ms'
      ? `${Number(value.toPrecision(digits))}ms`
      : `${Number((value * 100).toPrecision(digits))} %`;
  const digits = DIGITS.find((n) => exact(observed, n) !== exact(limit, n)) ?? DIGITS.at(-1)!;
  return `${exact(observed, digits)} ${crossedWhen} ${exact(limit, digits)}`;
}

/** Returns text of at most so many columns, its end left out. */
export function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

const COLUMNS = 110;

/**
 * Breaks text between words.
 * @param first before the first line
 * @param others before all others
 * @returns lines of at most 110 columns; a word that is longer than a line is broken
 */
export function wrapped(text: string, first: string, others: string): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  const longest = COLUMNS - others.length - 2;
  for (const word of text.split(' ').flatMap((w) => pieces(w, longest))) {
    if (!isEmpty && line.length + 1 + word.length > COLUMNS) {
      lines.push(line);
      line = others;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

function pieces(word: string, longest: number): string[] {
  const characters = [...word];
  if (characters.length <= longest) return [word];
  return Array.from({ length: Math.ceil(characters.length / longest) }, (_, i) =>
    characters.slice(i * longest, (i + 1) * longest).join(''),
  );
}

/** Returns "1 CPU", "8 CPUs", "1.5 CPUs". */
export const cpusText = (cores: number): string => `${cores} ${cores === 1 ? 'CPU' : 'CPUs'}`;
