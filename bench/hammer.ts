/**
 * `node bench/hammer.ts [--seconds=60] [--users=500]`: a run on the built-in simulator, once left alone and once while
 * 50 clients send everything that they should not. Both through `soakd serve` in a process of its own. The figures
 * beside each other say what the API costs a run; on a machine of few cores the clients themselves take a share.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Hammered, hammer, operationsOf } from '../support/http/hammering.ts';
import { poll } from '../support/poll.ts';
import { type ServedStatus, type ServedSummary, serve } from '../support/service.ts';
import { machine, table } from './measure.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, users: { type: 'string', default: '500' } },
});
const seconds = Number(values.seconds);
const users = Number(values.users);
const tokens = { read: 'bench-read-0123456789', operate: 'bench-operate-0123456789' };

const YAML = `
serve:
  tokens:
    - { name: looking, role: read, token: "$\{env:HAMMER_READ}" }
    - { name: changing, role: operate, token: "$\{env:HAMMER_OPERATE}" }
  metrics: open
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios: { demo: { target: simulator, stages: [{ users: ${users}, for: ${seconds + 2}s }] } }
`;

interface Outcome {
  readonly summary: ServedSummary & Readonly<Record<'ttfbMs' | 'gapMs' | 'scheduleLagMs', Figures>>;
  readonly hammered: Hammered | undefined;
}
interface Figures {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

async function once(hammered: boolean): Promise<Outcome> {
  const soak = await serve(YAML, { HAMMER_READ: tokens.read, HAMMER_OPERATE: tokens.operate });
  try {
    const operations = await operationsOf(soak.url, tokens.read);
    const headers = { authorization: `Bearer ${tokens.operate}`, 'content-type': 'application/json' };
    const started = await fetch(`${soak.url}/api/v1/runs`, {
      method: 'POST',
      headers,
      body: '{"scenario":"demo"}',
    });
    if (!started.ok) throw new Error(await started.text());
    const forMs = seconds * 1000;
    const { port } = soak;
    const result = hammered
      ? await hammer({ port, operations, tokens, changing: false, clients: 50, forMs, seed: 1 })
      : void (await sleep(forMs));
    const summary = await poll(
      'end of the run',
      async () => {
        const response = await fetch(`${soak.url}/api/v1/status`, { headers });
        const { state, last } = (await response.json()) as ServedStatus;
        return state === 'idle' && last !== null ? last : undefined;
      },
      { timeoutMs: 60_000, everyMs: 500 },
    );
    return { summary: summary as Outcome['summary'], hammered: result };
  } finally {
    await soak.stop();
  }
}

const quiet = await once(false);
const loud = await once(true);

const ms = (value: number | null): string => (value === null ? '–' : value.toFixed(1));
const figures: readonly [name: string, of: (outcome: Outcome) => string][] = [
  ['streams complete', ({ summary }) => String(summary.streams.finished.complete)],
  [
    'streams not complete',
    ({ summary }) => String(summary.streams.started - summary.streams.finished.complete!),
  ],
  ['TTFB p50, ms', ({ summary }) => ms(summary.ttfbMs.p50)],
  ['TTFB p95, ms', ({ summary }) => ms(summary.ttfbMs.p95)],
  ['chunk gap p99, ms', ({ summary }) => ms(summary.gapMs.p99)],
  ['schedule lag p99, ms', ({ summary }) => ms(summary.scheduleLagMs.p99)],
  ['CPU, s', ({ summary }) => ((summary.generator as { cpuMs: number }).cpuMs / 1000).toFixed(1)],
  [
    'RSS max, MiB',
    ({ summary }) => ((summary.generator as { rssMaxBytes: number }).rssMaxBytes / 2 ** 20).toFixed(0),
  ],
];
process.stdout.write(`${machine()}\n${users} users for ${seconds} s, quiet and hammered by 50 clients\n\n`);
process.stdout.write(
  table([['', 'quiet', 'hammered'], ...figures.map(([name, of]) => [name, of(quiet), of(loud)])]),
);

const { requests, statuses, wrong, broken } = loud.hammered!;
const byStatus: Record<string, number> = {};
for (const counts of Object.values(statuses)) {
  for (const [status, n] of Object.entries(counts)) byStatus[status] = (byStatus[status] ?? 0) + n;
}
process.stdout.write(
  `\n${requests} answers, ${Math.round(requests / seconds)} a second, ${broken} connections cut: ` +
    `${Object.entries(byStatus)
      .map(([status, n]) => `${status} × ${n}`)
      .join(', ')}\n`,
);
for (const line of wrong) process.stdout.write(`wrong: ${line}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
