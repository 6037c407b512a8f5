import { existsSync, readFileSync } from 'node:fs';
import type { LevelResult, SearchResult, Settings, StepResult } from './state.ts';
import type { Subject } from './subjects.ts';

/** A page for the first time; what stands between the markers is replaced each time. */
const PAGE = `# Servers measured

\`npm run bench:servers\` measures the servers of [examples/targets](../examples/targets/workload.md) with one workload.

<!-- bench: begin -->
<!-- bench: end -->
`;

/** Returns the page of a path; a new one where there is none. */
export function readPage(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : PAGE;
}

/** What the tables are read against. */
export interface Context {
  readonly settings: Settings;
  readonly startedAt: string;
  readonly loadBefore: number;
  readonly machine: string;
  readonly versions: string;
}

export interface SubjectResults {
  readonly subject: Subject;
  readonly steps: readonly StepResult[];
}

/** Returns the measured part of the page: what was done, the table of capacities, and that of the levels. */
export function measuredText(
  results: readonly SubjectResults[],
  left: readonly string[],
  context: Context,
): string {
  const { settings, startedAt, loadBefore, machine, versions } = context;
  const { levels, seconds, capacityMinutes, from, maxUsers, chunksMean } = settings;
  const failures = results.flatMap(({ subject, steps }) =>
    steps.flatMap((step) => (step.kind === 'failed' ? [`${subject.title}: ${step.message}`] : [])),
  );
  return [
    `Measured on ${startedAt.slice(0, 10)} on ${machine}; Linux load average before it began: ` +
      `${loadBefore.toFixed(1)}. Server and load ran on this one machine: the server with all its processes on core 0, ` +
      `soakd on core 1, one server at a time, started again for each step. ${versions}.`,
    `\`\`\`sh\nnpm run bench:servers -- --levels=${levels.join(',')} --seconds=${seconds} --capacity-minutes=${capacityMinutes} --from=${from} --max-users=${maxUsers} --chunks-mean=${chunksMean}\n\`\`\``,
    ...(capacityMinutes > 0 ? [capacityTable(results)] : []),
    ...(levels.length > 0 ? [levelTable(results)] : []),
    ...(failures.length > 0 ? [`Not measured: ${failures.join('; ')}.`] : []),
    ...(left.length > 0 ? [`Left out: ${left.join('; ')}.`] : []),
  ].join('\n\n');
}

function capacityTable(results: readonly SubjectResults[]): string {
  const rows = results.flatMap(({ subject, steps }) =>
    steps
      .filter((step): step is SearchResult => step.kind === 'capacity')
      .map((step) => {
        const { users, low, high, limitedBy, confirmed, ended } = step.capacity;
        const best = step.capacity.steps.findLast((s) => s.verdict === 'held' && s.load === users);
        return [
          subject.title,
          `${users}${confirmed ? '' : ' (not confirmed)'}`,
          `${low} to ${high ?? '?'}`,
          ms(best?.ttfbP95Ms ?? null),
          limitedBy ?? ended,
          step.generatorCores.toFixed(2),
          counts(step),
          subject.estimate.users,
          subject.estimate.ttfb,
        ];
      }),
  );
  return markdown(
    [
      'server',
      'capacity, users',
      'interval',
      'TTFB p95 there',
      'limited by',
      'generator, cores',
      'counts',
      'seed: users',
      'seed: TTFB',
    ],
    rows,
  );
}

function levelTable(results: readonly SubjectResults[]): string {
  const rows = results.flatMap(({ subject, steps }) =>
    steps
      .filter((step): step is LevelResult => step.kind === 'level')
      .map((step) => [
        subject.title,
        `${step.users}`,
        successShare(step),
        ms(step.ttfbMeanMs),
        ms(step.ttfbP95Ms),
        step.measurementErrorP99Ms === null ? '–' : `${step.measurementErrorP99Ms.toFixed(0)} ms`,
        ms(step.durationMeanMs),
        step.generatorCores.toFixed(2),
        counts(step),
        step.verdict,
      ]),
  );
  return markdown(
    [
      'server',
      'users',
      'success (95 %)',
      'TTFB mean',
      'p95',
      'error p99',
      'duration',
      'generator, cores',
      'counts',
      'verdict',
    ],
    rows,
  );
}

/** Returns the share of successes with its Wilson interval. */
export function successShare({ complete, failed }: Pick<LevelResult, 'complete' | 'failed'>): string {
  const n = complete + failed;
  if (n === 0) return '–';
  const z = 1.96;
  const share = complete / n;
  const centre = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  const percent = (value: number) => (100 * value).toFixed(1);
  return `${percent(share)} % (${percent(Math.max(0, centre - half))}–${percent(Math.min(1, centre + half))})`;
}

/** Returns whether the server has counted what soakd has, and both where it has not. */
export function counts({
  started,
  complete,
  server,
}: Pick<LevelResult, 'started' | 'complete' | 'server'>): string {
  if (server === null) return 'no answer';
  if (server.started === started && server.finished === complete) return `equal (${started})`;
  return `server ${server.started}/${server.finished}, soakd ${started}/${complete}`;
}

function ms(value: number | null): string {
  return value === null ? '–' : `${(value / 1000).toFixed(2)} s`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
