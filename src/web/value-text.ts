import { formatDuration } from '../core/duration.ts';
import { formatCount, formatPercent } from '../core/number.ts';
import type { Unit } from './plot-model.ts';
import type { Comparison } from './wire.ts';

type ComparedValue = Comparison['values'][number];

/** Shown where nothing was observed. */
export const NONE = '–';

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Writes a number of bytes in binary units: `344 MiB`. */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(BYTES.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${Number(value.toFixed(value < 10 && power > 0 ? 1 : 0))} ${BYTES[power]}`;
}

/** Writes a rate: small ones keep their digits, since one failure in ten seconds must not read as none. */
export function rateText(perSecond: number): string {
  return perSecond >= 10 ? formatCount(perSecond) : String(Number(perSecond.toPrecision(2)));
}

const TEXTS: Readonly<Record<Unit, (value: number) => string>> = {
  ms: formatDuration,
  ratio: formatPercent,
  count: (n) => (n < 10 ? String(Number(n.toFixed(1))) : formatCount(n)),
  perSecond: rateText,
  bytes: bytesText,
};

/** Writes a value in its unit; `null` as a dash. */
export function valueText(value: number | null | undefined, unit: Unit): string {
  return value == null ? NONE : TEXTS[unit](value);
}

/** Returns a sentence about a plot for readers who do not see it. */
export function plotSummary(
  title: string,
  unit: Unit,
  series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[],
): string {
  const parts = series.map(({ label, values }) => {
    const known = values.filter((v) => v !== null);
    if (known.length === 0) return `${label} has no values`;
    const low = known.reduce((a, b) => Math.min(a, b));
    const high = known.reduce((a, b) => Math.max(a, b));
    return `${label} is ${valueText(known.at(-1), unit)} now, from ${valueText(low, unit)} to ${valueText(high, unit)} over the run`;
  });
  return `${title}: ${parts.join('; ')}.`;
}

/** Writes a difference: of shares in percentage points, else in percent of the value of A. */
export function changeText(difference: number, { a, unit }: Pick<ComparedValue, 'a' | 'unit'>): string {
  const share = unit === 'ratio' ? difference : difference / a;
  if (!Number.isFinite(share)) return NONE;
  const text = Math.abs(share * 100).toFixed(unit === 'ratio' ? 2 : 1);
  const sign = Number(text) === 0 ? '' : share > 0 ? '+' : '−';
  return `${sign}${text} ${unit === 'ratio' ? 'pp' : '%'}`;
}
