import { ALERTS, THRESHOLDS } from '../catalog/thresholds.ts';
import type { Figure, Threshold } from '../core/threshold.ts';
import { type LimitSettings, limitGroups, limitsText, limitText } from './limits.ts';
import { promDuration, promNumber } from './promql.ts';
import { anchorOf, DEFAULT_RULES } from './rules.ts';

/** A row of a table: its cells. */
export type Row = readonly string[];

/** @returns all alerts, in the order of the table of thresholds */
export function alertNames(): string[] {
  return namesIn(THRESHOLDS);
}

function namesIn(thresholds: readonly Threshold[]): string[] {
  return [...new Set(thresholds.map((t) => t.alert))];
}

/** @returns those that a configuration has left on for any target */
function thresholdsUnder(settings: LimitSettings): Threshold[] {
  return THRESHOLDS.filter((t) => limitGroups(t, settings).length > 0);
}

/** Every threshold as an alert, with a link to what is said of it. */
export const ALERT_HEAD: Row = ['alert', 'severity', 'fires when', 'for', 'threshold'];

/** @param settings of a configuration; absent: the defaults */
export function alertRows(settings: LimitSettings = DEFAULT_RULES.settings): Row[] {
  return thresholdsUnder(settings).map((t) => [
    `[${t.alert}](#${anchorOf(t.alert)})`,
    t.severity,
    whenText(t, settings),
    t.forMs === 0 ? '' : promDuration(t.forMs),
    `\`${t.id}\``,
  ]);
}

/** Every threshold as a key of the configuration. */
export const KEY_HEAD: Row = ['key', 'default', 'crossed when', 'for each target', 'verdict of a run'];

export function keyRows(): Row[] {
  const yes = (is: boolean): string => (is ? 'yes' : '');
  return THRESHOLDS.map((t) => [
    `\`${t.id}\``,
    `\`${configured(t)}\``,
    t.unit === 'state' ? FIGURES[key(t)](t) : `${FIGURES[key(t)](t)} is ${OPS[t.op]} it`,
    yes(t.perTarget),
    yes(t.verdict),
  ]);
}

/** What a run is held against. */
export const VERDICT_HEAD: Row = ['id', 'crossed when', 'as an alert'];

export function verdictRows(): Row[] {
  return THRESHOLDS.filter((t) => t.verdict).map((t) => [
    `\`${t.id}\``,
    `${FIGURES[key(t)](t)} ${t.op} ${limitText(t.limit, t.unit)}`,
    `[${t.alert}](alerts.md#${anchorOf(t.alert)})`,
  ]);
}

/**
 * The runbook: a chapter for each alert.
 * @param settings of a configuration; absent: the defaults
 */
export function runbookText(settings: LimitSettings = DEFAULT_RULES.settings): string {
  return namesIn(thresholdsUnder(settings))
    .map((alert) => chapter(alert, settings))
    .join('\n');
}

function chapter(alert: string, settings: LimitSettings): string {
  const { meaning, action, causes, look } = ALERTS[alert]!;
  const list = (items: readonly string[]) => items.map((item) => `- ${item}\n`).join('');
  const own = thresholdsUnder(settings).filter((t) => t.alert === alert);
  const fires = own.map((t) => {
    const waiting = t.forMs === 0 ? '' : `, for ${promDuration(t.forMs)}`;
    const keeping =
      t.keepFiringMs === undefined ? '' : `; it goes on for ${promDuration(t.keepFiringMs)} after`;
    return `**${t.severity}** (\`${t.id}\`): ${whenText(t, settings)}${waiting}${keeping}`;
  });
  return [
    `### ${alert}\n`,
    `${meaning}\n`,
    list(fires),
    `**What to do.** ${action}\n`,
    `**Likely causes**\n\n${list(causes)}`,
    `**Where to look**\n\n${list(look)}`,
  ].join('\n');
}

/** @returns the condition in words, without the time that it must last */
function whenText(t: Threshold, settings: LimitSettings): string {
  const figure = FIGURES[key(t)](t);
  if (t.unit === 'state') return figure;
  const both = t.shortWindowMs === undefined ? '' : ` and over ${promDuration(t.shortWindowMs)}`;
  const over = ` over ${promDuration(t.windowMs)}${both}`;
  const volume = t.minCount === 0 ? '' : `, with at least ${t.minCount} ${COUNTED[t.metric] ?? 'streams'}`;
  return `${figure} ${t.op} ${limitsText(t, settings)}${over}${volume}`;
}

/** @returns a limit as it is written in a configuration */
function configured({ limit, unit }: Threshold): string {
  if (unit === 'state') return 'on';
  if (unit === 'ratio') return `${promNumber(limit * 100)}%`;
  return unit === 'ms' ? `${promNumber(limit / 1000)}s` : String(limit);
}

const OPS = { '<': 'below', '>': 'above', '>=': 'at or above' } as const;

/** What `minCount` counts, where that is not streams. */
const COUNTED: Readonly<Partial<Record<Threshold['metric'], string>>> = {
  success: 'finished streams',
  ttfb: 'observations',
  duration: 'successes',
  stalled: 'open streams',
};

type KeyOf<F> = F extends { metric: infer M extends string; statistic: infer S extends string }
  ? `${M}:${S}`
  : never;
type FigureKey = KeyOf<Figure>;
const key = (t: Threshold): FigureKey => `${t.metric}:${t.statistic}` as FigureKey;

const FIGURES: Readonly<Record<FigureKey, (t: Threshold) => string>> = {
  'success:ratio': () => 'share of successes',
  'success:burn': () => 'pace at which the error budget is used up',
  'ttfb:p95': () => 'TTFB p95',
  'ttfb:p50': () => 'TTFB p50',
  'ttfb:mean': () => 'TTFB mean',
  'duration:mean': () => 'mean duration of successes',
  'stalled:share': () => 'share of open streams that are stalled',
  'active:mean': () => 'mean of open streams',
  'active:max': () => 'largest number of open streams',
  'drift:min': (t) => `a figure climbs steadily, and did so throughout ${promDuration(t.windowMs)}`,
  'chunks:increase': (t) => `a run was active throughout ${promDuration(t.windowMs)} and no chunk arrived`,
  'up:state': () => 'Prometheus cannot scrape soakd, or knows no target of this job',
  'saturation:state': () => 'the generator cannot keep up',
  'cpu:share': () => 'share of the CPU limit in use',
  'memory:share': () => 'share of the memory limit in use',
  'descriptors:share': () => 'share of the file descriptors in use',
  'schedule:state': (t) =>
    `a schedule was due within ${promDuration(t.windowMs)} and has started nothing since`,
  'always:state': () => 'always',
  'host-cpu:share': () => 'share of the CPU in use on the host of the target',
  'host-memory:share': () => 'share of the memory in use on the host of the target',
  'host-network:share': () => 'share of the link speed in use on the host of the target',
};
