const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Durations as a JSON Schema can say them. */
export const DURATION_PATTERN =
  '^(?=[0-9])([0-9]+(\\.[0-9]+)?d)?([0-9]+(\\.[0-9]+)?h)?([0-9]+(\\.[0-9]+)?m)?([0-9]+(\\.[0-9]+)?s)?([0-9]+(\\.[0-9]+)?ms)?$';

const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d)/y;

/**
 * Reads a duration such as `250ms`, `1.5s`, `10m`, `1h30m` or `2d`, largest unit first.
 * @returns milliseconds ≥ 0, or `undefined` if the text is not a duration (a bare number has no unit: refused)
 */
export function parseDuration(text: string): number | undefined {
  let total = 0;
  let last = Number.POSITIVE_INFINITY;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const at = PART.lastIndex;
    const match = PART.exec(text);
    if (match === null || match.index !== at) return undefined;
    const unit = UNIT_MS[match[2]!]!;
    if (unit >= last) return undefined;
    last = unit;
    total += Number(match[1]) * unit;
  }
  return text.length === 0 || !Number.isFinite(total) ? undefined : Number(total.toPrecision(15));
}

/** Writes milliseconds for a person: `850ms`, `2.5s`, `1m30s`, `2h5m`; from an hour on rounded to minutes. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return '∞';
  if (ms < 1) return `${Number(ms.toFixed(2))}ms`;
  // The bounds are those above which rounding would give 1000ms and 60s.
  if (ms < 999.5) return `${Number(ms.toFixed(ms < 10 ? 1 : 0))}ms`;
  if (ms < 59_950) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))}s`;
  const unitMs = ms < 3_599_500 ? 1000 : 60_000;
  const seconds = (Math.round(ms / unitMs) * unitMs) / 1000;
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = seconds % 60;
  return [h > 0 ? `${h}h` : '', m > 0 ? `${m}m` : '', s > 0 && h === 0 ? `${s}s` : ''].join('') || '0s';
}
