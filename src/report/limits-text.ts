import type { Summary, ThresholdSummary } from '../schema/summary.ts';
import { cut, valueText } from './value-text.ts';

type Limit = Pick<ThresholdSummary, 'threshold' | 'measure' | 'limit' | 'unit' | 'crossedWhen'>;

/** Maximum of limits and of targets to name. */
const MAX_LIMITS = 8;
const MAX_TARGETS = 3;

/**
 * Returns the limits that were evaluated: "success rate at least 99 %, TTFB p95 and TTFB p50 at most 2.5s"; those of single
 * targets where they differ, and targets without data for a limit. Empty without limits.
 */
export function limitsText({ thresholds, targets }: Pick<Summary, 'thresholds' | 'targets'>): string {
  const byId = [...Map.groupBy(thresholds, (t) => t.threshold).values()];
  const usual = byId.map((same) => mostFrequent(same));
  const others = byId.flatMap((same, i) => same.filter((t) => t.limit !== usual[i]!.limit));
  const byTarget = [...Map.groupBy(others, (t) => t.target)];
  const silent = targets.flatMap(({ name, notEvaluated = [] }) =>
    notEvaluated.length === 0 ? [] : [{ name, notEvaluated }],
  );
  const parts = [
    ...(usual.length === 0 ? [] : [grouped(usual)]),
    ...byTarget.slice(0, MAX_TARGETS).map(([name, own]) => `on ${cut(name, 28)}: ${grouped(own)}`),
    ...(byTarget.length > MAX_TARGETS
      ? [`and other ones on ${byTarget.length - MAX_TARGETS} more targets`]
      : []),
    ...silentText(silent),
  ];
  return parts.join('; ');
}

function silentText(
  silent: readonly {
    readonly name: string;
    readonly notEvaluated: readonly { readonly measure: string }[];
  }[],
): string[] {
  if (silent.length === 0) return [];
  const names = silent.slice(0, MAX_TARGETS).map(({ name }) => cut(name, 28));
  if (silent.length > MAX_TARGETS) names.push(`${silent.length - MAX_TARGETS} more`);
  const measures = [...new Set(silent.flatMap((s) => s.notEvaluated.map((l) => l.measure)))];
  const which = measures.length > MAX_LIMITS ? `${measures.length} of them` : listed(measures);
  return [`not evaluated for want of data: ${which} on ${listed(names)}`];
}

/** Returns limits as text, those with the same value together. */
function grouped(limits: readonly Limit[]): string {
  const shown = limits.slice(0, MAX_LIMITS);
  const more = limits.length - shown.length;
  const groups = [...Map.groupBy(shown, (l) => `${l.crossedWhen} ${l.limit} ${l.unit}`).values()];
  const texts = groups.map((same) => `${listed(same.map((l) => l.measure))} ${boundText(same[0]!)}`);
  return `${texts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Returns what a limit requires: "at most 2.5s". */
export function boundText({ crossedWhen, limit, unit }: Omit<Limit, 'measure' | 'threshold'>): string {
  const most = crossedWhen === '>' ? 'at most' : 'below';
  return `${crossedWhen === '<' ? 'at least' : most} ${valueText(limit, unit)}`;
}

function mostFrequent(same: readonly ThresholdSummary[]): ThresholdSummary {
  const groups = [...Map.groupBy(same, (t) => t.limit).values()];
  return groups.reduce((a, b) => (b.length > a.length ? b : a))[0]!;
}

/** Returns "a", "a and b", "a, b and c". */
export const listed = (values: readonly string[]): string =>
  values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} and ${values.at(-1)}`;
