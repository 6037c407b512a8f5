import { iso } from '../core/clock.ts';
import { formatDuration } from '../core/duration.ts';
import type { KeptRun, KeptRunDetail } from '../history/reader.ts';
import { summaryText } from '../report/text.ts';
import type { Summary } from '../schema/summary.ts';

/** Calendar time in UTC, to the second. */
const timeText = (ms: number): string => iso(ms).slice(0, 19).replace('T', ' ');

/** @param now calendar time, ms since 1970 */
function lastedText({ startedAt, endedAt }: KeptRun, now: number): string {
  const ms = (endedAt ?? now) - startedAt;
  return formatDuration(Math.max(1, Math.round(ms / 1000)) * 1000);
}

/** Returns runs as a table. Times are in UTC. @param now calendar time, ms since 1970 */
export function runsTable(runs: readonly KeptRun[], now: number): string {
  if (runs.length === 0) return 'no run\n';
  const rows = [
    ['run', 'started (UTC)', 'lasted', 'scenario', 'verdict', 'reason'],
    ...runs.map((run) => [
      run.id,
      timeText(run.startedAt),
      lastedText(run, now),
      run.scenario,
      `${run.verdict ?? 'active'}${run.pinned ? ', pinned' : ''}`,
      run.verdictReason ?? run.endReason ?? '',
    ]),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Version of the summary that this soakd has a text for. */
const SCHEMA: Summary['schema'] = 2;

/** Returns a run as text: its summary, or its state, and its events. @param now calendar time, ms since 1970 */
export function runText(run: KeptRunDetail, verbose: boolean, now: number): string {
  const summary = run.summary as Summary | null;
  const head =
    summary?.schema === SCHEMA
      ? summaryText(summary, { verbose })
      : `\n  ${(run.verdict ?? 'active').toUpperCase()}: scenario ${run.scenario}, ${lastedText(run, now)} from ${timeText(run.startedAt)} UTC, run ${run.id}\n`;
  const resumed =
    run.resumes === 0 || run.summary !== null
      ? ''
      : `  Resumed ${run.resumes} times after the end of its process.\n`;
  const events = run.events.map(
    ({ at, action, by, detail }) => `  ${timeText(at)}  ${action} by ${by}: ${detail}\n`,
  );
  return `${head}${resumed}\n  Events (UTC)\n${events.join('')}`;
}
