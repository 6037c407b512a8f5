import type { Usage } from './process-tree.ts';
import { median, type Times } from './times.ts';

/** One tool in one round. */
export interface Measurement {
  readonly tool: string;
  /** From 0. */
  readonly round: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  /** From the start of the tool to its end, startup and end of streams included. */
  readonly wallSeconds: number;
  readonly chunks: number;
  readonly streams: number;
  readonly complete: number;
  readonly trueTtfb: Times;
  readonly reported: Times;
  readonly targetLatenessMs: number;
}

/** What stays the same over the rounds. */
export interface Contestant {
  readonly tool: string;
  readonly version: string;
  readonly calls: string | undefined;
  readonly clock: string;
  readonly gaps: boolean;
  /** Of the same tool with a single stream, ended after some chunks: what it takes to start. */
  readonly base: Usage;
}

export const OURS = 'soakd';

const NONE = '–';

/** CPU seconds for a million chunks. */
function cost({ cpuSeconds, chunks }: Measurement): number {
  return (cpuSeconds / chunks) * 1e6;
}

/**
 * @param contestants in the order of the rows
 * @param users streams that were to be held
 * @returns two tables in Markdown
 */
export function tables(
  contestants: readonly Contestant[],
  measurements: readonly Measurement[],
  users: number,
): string {
  const measured = contestants
    .map((contestant) => ({ contestant, runs: measurements.filter(({ tool }) => tool === contestant.tool) }))
    .filter(({ runs }) => runs.length > 0);
  const ours = new Map(measurements.filter(({ tool }) => tool === OURS).map((run) => [run.round, run]));
  /** Each against soakd in the same round: a slow minute of the machine falls on both. */
  const ratio = (runs: readonly Measurement[], of: (run: Measurement) => number): string => {
    const ratios = runs.flatMap((run) => {
      const own = ours.get(run.round);
      return own === undefined ? [] : [of(run) / of(own)];
    });
    return ratios.length === 0 ? NONE : median(ratios).toFixed(2);
  };
  const costs = measured.map(({ contestant, runs }) => {
    const peak = median(runs.map((run) => run.peakRssBytes));
    const each = (peak - contestant.base.peakRssBytes) / (users - 1);
    return [
      `${contestant.tool} ${contestant.version}`,
      figure(runs, cost, 1),
      ratio(runs, cost),
      contestant.base.cpuSeconds.toFixed(1),
      (peak / 2 ** 20).toFixed(0),
      ratio(runs, (run) => run.peakRssBytes),
      // Below 0 the single stream took as much: what starting took hides what streams take.
      users > 1 && each > 0 ? (each / 1024).toFixed(1) : NONE,
      figure(runs, (run) => run.chunks / run.wallSeconds, 0),
      `${figure(runs, (run) => run.streams, 0)} / ${figure(runs, (run) => run.complete, 0)}`,
      figure(runs, (run) => run.targetLatenessMs, 1),
      `${runs.length}`,
    ];
  });
  const times = measured.map(({ contestant, runs }) => [
    contestant.tool,
    contestant.calls === undefined ? NONE : `\`${contestant.calls}\``,
    contestant.clock,
    summary(runs.map((run) => run.trueTtfb)),
    summary(runs.map((run) => run.reported)),
    off(runs),
    contestant.gaps ? 'yes' : 'no',
  ]);
  return [
    markdown(
      [
        'tool',
        'CPU s per million chunks',
        '÷ soakd',
        'CPU s to start',
        'peak MiB',
        '÷ soakd',
        'KiB a stream',
        'chunks a second',
        'streams started / read whole',
        'target late, ms',
        'rounds',
      ],
      costs,
    ),
    markdown(
      [
        'tool',
        'its name for TTFB',
        'its clock',
        'true TTFB, ms (mean / p50 / p99)',
        'reported, ms (mean / p50 / p99)',
        'off by, ms (mean / p50 / p99)',
        'chunk gaps',
      ],
      times,
    ),
  ].join('\n\n');
}

function figure(runs: readonly Measurement[], of: (run: Measurement) => number, digits: number): string {
  return median(runs.map(of)).toFixed(digits);
}

const SUMMARIES = ['mean', 'p50', 'p99'] as const;

/** Medians over the rounds: mean / p50 / p99. */
function summary(rounds: readonly Times[]): string {
  const cells = SUMMARIES.map((which) => {
    const values = rounds.flatMap((times) => times[which] ?? []);
    return values.length === 0 ? NONE : median(values).toFixed(0);
  });
  return cells.every((cell) => cell === NONE) ? NONE : cells.join(' / ');
}

/** Reported less true: mean / p50 / p99, each the median over the rounds. */
function off(runs: readonly Measurement[]): string {
  const cells = SUMMARIES.map((which) => {
    const differences = runs.flatMap(({ reported, trueTtfb }) => {
      const [said, really] = [reported[which], trueTtfb[which]];
      return said === undefined || really === undefined ? [] : [said - really];
    });
    return differences.length === 0 ? NONE : signed(median(differences));
  });
  return cells.every((cell) => cell === NONE) ? NONE : cells.join(' / ');
}

function signed(ms: number): string {
  const text = Math.abs(ms).toFixed(0);
  return text === '0' ? '0' : `${ms < 0 ? '−' : '+'}${text}`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
