import { formatDuration } from '../core/duration.ts';
import { formatPercent } from '../core/number.ts';
import { type CheckedRun, isBad, type TargetRow } from './checks.ts';

/** Rows of a table, and warnings, that are shown. */
const MAX_ROWS = 100;
/** Longest text of a cell, in characters. */
const MAX_CELL = 300;

/** Returns a run in Markdown for the page of a GitHub job, without links and HTML, far below 1 MiB. */
export function jobSummary(run: CheckedRun, version: string): string {
  const checks = run.checks.filter((c) => c.result !== 'skipped');
  const bad = checks.filter(isBad);
  const skipped = run.checks.length - checks.length;
  return [
    `## soakd: ${run.verdict.toUpperCase()}`,
    plain(run.why),
    `Run ${plain(run.id)}, scenario ${plain(run.scenario)}, ${plain(formatDuration(run.durationMs))} from ${plain(run.startedAt)}, soakd ${plain(version)}`,
    table(
      [
        'target',
        'verdict',
        'limits held up to',
        'not from (start of the level)',
        'streams',
        'success',
        'TTFB p95',
        'TTFT p95',
        'gap p95',
      ],
      run.targets.map(cellsOf),
    ),
    ...(bad.length === 0
      ? [`All ${checks.length} checks passed.`]
      : [
          `${bad.length} of ${checks.length} checks did not pass:`,
          table(
            ['target', 'check', 'result', 'why'],
            bad.map((c) => [
              c.target ?? '',
              c.name,
              c.result === 'fail' ? 'failed' : 'not decided',
              c.message,
            ]),
          ),
        ]),
    ...(skipped === 0
      ? []
      : [
          `${skipped} default ${skipped === 1 ? 'limit was' : 'limits were'} not evaluated for want of data.`,
        ]),
    ...(run.warnings.length === 0
      ? []
      : [
          'Warnings, which do not affect the verdict:',
          table(
            ['target', 'warning'],
            run.warnings.map((w) => [w.target ?? '', w.text]),
          ),
        ]),
  ]
    .map((block) => `${block}\n\n`)
    .join('');
}

/** Returns the same for a run that could not start. */
export function jobSummaryOfError(message: string, version: string): string {
  return `## soakd: no run\n\n${plain(message)}\n\nsoakd ${plain(version)}\n\n`;
}

function cellsOf(row: TargetRow): string[] {
  const { name, started, success, ttfbP95, ttftP95, gapP95, verdict, heldUpTo, notHeldFrom } = row;
  const ms = (value: number | null): string => (value === null ? '–' : formatDuration(value));
  return [
    name,
    verdict,
    heldUpTo ?? '–',
    notHeldFrom === null ? '–' : `${notHeldFrom.load}, ${notHeldFrom.startedAt.slice(11, 19)} UTC`,
    String(started),
    success === null ? '–' : formatPercent(success),
    ...[ttfbP95, ttftP95, gapP95].map(ms),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const more = rows.length - MAX_ROWS;
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.slice(0, MAX_ROWS).map((cells) => line(cells.map(plain))),
    ...(more > 0 ? [`\nand ${more} more`] : []),
  ].join('\n');
}

/**
 * Returns text that Markdown shows literally, in a paragraph and in a cell. Punctuation becomes character references,
 * which start neither markup nor HTML nor links; a word joiner follows "@", since GitHub looks for addresses and user
 * names in the rendered text.
 */
function plain(text: string): string {
  const short = text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
  return short
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .replaceAll('@', '@\u2060')
    .replace(/[!-/:-@[-`{-~]/g, (c) => (/[ %,]/.test(c) ? c : `&#${c.charCodeAt(0)};`));
}
