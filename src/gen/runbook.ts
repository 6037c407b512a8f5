import { promDuration, promNumber } from '../promql/promql.ts';
import { measureNamed } from '../thresholds/measures/list.ts';
import { ALERTS, THRESHOLDS } from '../thresholds/table.ts';
import type { Threshold } from '../thresholds/threshold.ts';
import { type LimitSettings, limitGroups, limitsText, limitText } from './limits.ts';
import { anchorOf, DEFAULT_RULES } from './rules.ts';

/** A row of a table: its cells. */
export type Row = readonly string[];

function namesIn(thresholds: readonly Threshold[]): string[] {
  return [...new Set(thresholds.map((t) => t.alert))];
}

/** Returns the thresholds that are on for at least one target of a configuration. */
function thresholdsUnder(settings: LimitSettings): Threshold[] {
  return THRESHOLDS.filter((t) => limitGroups(t, settings).length > 0);
}

/** Columns of the table of alerts, which link to their chapters. */
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

/** Columns of the table of thresholds in the configuration. */
export const KEY_HEAD: Row = ['key', 'default', 'crossed when', 'for each target', 'verdict of a run'];

export function keyRows(): Row[] {
  const yes = (is: boolean): string => (is ? 'yes' : '');
  const on = THRESHOLDS.filter((t) => t.limit !== 'off').map((t) => [
    `\`${t.id}\``,
    `\`${configured(t)}\``,
    t.unit === 'state' ? nounOf(t) : `${nounOf(t)} is ${OPS[t.op]} it`,
    yes(t.perTarget),
    t.verdict === 'where-set' ? 'if you set a limit' : yes(t.verdict),
  ]);
  // Those that are off differ in the statistic alone: one row for each measure.
  const off = Map.groupBy(
    THRESHOLDS.filter((t) => t.limit === 'off'),
    (t) => t.metric,
  );
  return [
    ...on,
    ...[...off.values()].map((all) => [
      all.map((t) => `\`${t.id}\``).join(' '),
      '`off`',
      `${all.map(nounOf).join(', ')} is ${OPS[all[0]!.op]} it`,
      yes(true),
      yes(true),
    ]),
  ];
}

/** Columns of the table of thresholds for the verdict of a run. */
export const VERDICT_HEAD: Row = ['id', 'crossed when', 'as an alert'];

export function verdictRows(): Row[] {
  return THRESHOLDS.filter((t) => t.verdict === true && t.limit !== 'off').map((t) => [
    `\`${t.id}\``,
    `${nounOf(t)} ${t.op} ${limitText(t.limit as number, t.unit)}`,
    `[${t.alert}](alerts.md#${anchorOf(t.alert)})`,
  ]);
}

/**
 * Returns the runbook: a chapter for each alert.
 * @param settings of a configuration; absent: the defaults
 */
export function runbookText(settings: LimitSettings = DEFAULT_RULES.settings): string {
  // By default all alerts, also those that are off: rules of a configuration that turns them on link here.
  const all = settings === DEFAULT_RULES.settings ? THRESHOLDS : thresholdsUnder(settings);
  return namesIn(all)
    .map((alert) => chapter(alert, settings))
    .join('\n');
}

function chapter(alert: string, settings: LimitSettings): string {
  const { meaning, action, causes, investigate } = ALERTS[alert]!;
  const list = (items: readonly string[]) => items.map((item) => `- ${item}\n`).join('');
  const own = thresholdsUnder(settings).filter((t) => t.alert === alert);
  const fires = own.map((t) => {
    const waiting = t.forMs === 0 ? '' : `, for ${promDuration(t.forMs)}`;
    const keeping =
      t.keepFiringMs === undefined ? '' : `; keeps firing for ${promDuration(t.keepFiringMs)} afterwards`;
    return `**${t.severity}** (\`${t.id}\`): ${whenText(t, settings)}${waiting}${keeping}`;
  });
  const ids = THRESHOLDS.filter((t) => t.alert === alert).map((t) => `\`${t.id}\``);
  return [
    `### ${alert}\n`,
    `${meaning}\n`,
    fires.length > 0 ? list(fires) : `Off until a configuration sets a limit: ${ids.join(', ')}.\n`,
    `**What to do.** ${action}\n`,
    `**Likely causes**\n\n${list(causes)}`,
    `**Where to look**\n\n${list(investigate)}`,
  ].join('\n');
}

/** Returns the condition in words, without the time that it must last. */
function whenText(t: Threshold, settings: LimitSettings): string {
  const valueText = nounOf(t);
  if (t.unit === 'state') return valueText;
  const both = t.shortWindowMs === undefined ? '' : ` and over ${promDuration(t.shortWindowMs)}`;
  const over = ` over ${promDuration(t.windowMs)}${both}`;
  const volume = t.minCount === 0 ? '' : `, with at least ${t.minCount} ${measureNamed(t.metric).counted}`;
  return `${valueText} ${t.op} ${limitsText(t, settings)}${over}${volume}`;
}

/** Returns a limit in the notation of a configuration. */
function configured({ limit, unit }: Threshold): string {
  if (unit === 'state') return 'on';
  if (limit === 'off') return 'off';
  if (unit === 'ratio') return `${promNumber(limit * 100)}%`;
  return unit === 'ms' ? `${promNumber(limit / 1000)}s` : String(limit);
}

function nounOf(t: Threshold): string {
  return measureNamed(t.metric).noun(t);
}

const OPS = { '<': 'below', '>': 'above', '>=': 'at or above' } as const;
