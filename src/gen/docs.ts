import { METRICS } from '../catalog/metrics.ts';
import { OUTCOME_HELP } from '../catalog/outcomes.ts';
import { ERRORS } from '../core/errors.ts';
import type { MetricInfo } from '../core/metric-info.ts';
import { OUTCOMES, resultOf } from '../core/outcome.ts';
import { TARGET_COLUMNS, WINDOW_COLUMNS } from '../history/window-row.ts';
import type { LimitSettings } from './limits.ts';
import {
  ALERT_HEAD,
  alertRows,
  KEY_HEAD,
  keyRows,
  runbookText,
  VERDICT_HEAD,
  verdictRows,
} from './runbook.ts';

/** Generated tables and chapters of the docs, by the name of their mark. */
const TABLES: Readonly<Record<string, () => string>> = {
  errors: () =>
    table(
      ['code', 'status', 'exit code', 'meaning'],
      Object.entries(ERRORS).map(([code, e]) => [
        `\`${code}\``,
        String(e.status),
        String(e.exitCode),
        e.message,
      ]),
    ),
  metrics: () =>
    table(
      ['name', 'type', 'labels', 'meaning'],
      Object.values<MetricInfo>(METRICS).map((m) => [`\`${m.name}\``, m.type, m.labels.join(', '), m.help]),
    ),
  buckets: () =>
    table(
      ['name', 'upper edges, seconds'],
      Object.values<MetricInfo>(METRICS)
        .filter((m) => m.buckets !== undefined)
        .map((m) => [`\`${m.name}\``, m.buckets!.join(' ')]),
    ),
  columns: () =>
    table(
      ['column', 'meaning'],
      [...WINDOW_COLUMNS, ...TARGET_COLUMNS].map(({ name, description }) => [`\`${name}\``, description]),
    ),
  outcomes: () =>
    table(
      ['result', 'outcome', 'meaning'],
      OUTCOMES.map((o) => [resultOf(o), `\`${o}\``, OUTCOME_HELP[o]]),
    ),
  thresholds: () => table(VERDICT_HEAD, verdictRows()),
  limits: () => table(KEY_HEAD, keyRows()),
  alerts: () => table(ALERT_HEAD, alertRows()),
  runbook: () => `\n${runbookText()}\n`,
};

/**
 * Returns the runbook with the limits of a configuration.
 * @param note names the generator and its source
 */
export function runbookPage(settings: LimitSettings, note: string): string {
  return `# Alerts\n\n${note}\n\n${table(ALERT_HEAD, alertRows(settings))}\n${runbookText(settings)}`;
}

/**
 * Regenerates every table of a page.
 * @param text a page with marks `<!-- name -->` and `<!-- /name -->`
 * @throws Error for a mark that has no table or no end
 */
export function fillTables(text: string): string {
  return text.replace(/<!-- (\w+) -->\n[\s\S]*?(?:<!-- \/\1 -->|$)/g, (found, name: string) => {
    const make = TABLES[name];
    if (make === undefined)
      throw new Error(`there is no table ${name}; there are ${Object.keys(TABLES).join(', ')}`);
    if (!found.endsWith(`<!-- /${name} -->`)) throw new Error(`the mark ${name} has no end`);
    return `<!-- ${name} -->\n${make()}<!-- /${name} -->`;
  });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}
