/**
 * A run of `soakd serve` in which something goes wrong every few seconds: `npm run trials -- --only=chaos`; the short form is
 * test/e2e/chaos.test.ts. Everything is on loopback, and ends by itself.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../src/core/random.ts';
import type { Summary } from '../src/schema/summary.ts';
import { needs, needsMount } from '../support/needs.ts';
import { poll } from '../support/poll.ts';
import { freePort } from '../support/ports.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { type ChaosContext, EVENTS } from './chaos/events.ts';
import { ChaosService } from './chaos/service.ts';
import { ChaosTarget } from './chaos/target.ts';
import { ChaosWatch } from './chaos/watch.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly users: number;
  readonly idle: number;
  /** Events; each kind comes as often as the others, in a random order. */
  readonly events: number;
  /** Between the end of an event and the next one, ms. */
  readonly everyMs: number;
  /** Longest time for which a process is stopped, ms. */
  readonly stoppedMs: number;
  /** Whether the real Prometheus scrapes, too. */
  readonly prometheus: boolean;
  readonly signal?: AbortSignal;
  /** Called after each event. */
  readonly happened?: (name: string, tookMs: number) => void;
}

export interface ChaosReport {
  /** What is wrong; empty where all is right. */
  readonly problems: readonly string[];
  readonly streams: number;
  readonly scrapes: number;
  /** Slowest answer of health, ms. */
  readonly slowestMs: number;
  /** By event: longest time for which the main thread took no turn until the next event, and the most CPU time of one, ms. */
  readonly blocked: Readonly<Record<string, { readonly ms: number; readonly cpuMs: number }>>;
  readonly verdict: string;
  /** Streams whose end need not be known by both sides, and how many really differ. */
  readonly mayDiffer: number;
  readonly differ: number;
}

/** Carries out the run. @throws where soakd ends, or does not answer within a minute */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const folder = await mkdtemp(join(tmpdir(), 'soakd-chaos-'));
  const disk = needsMount() === false ? new SmallDisk(24) : undefined;
  const target = await ChaosTarget.start(['--preset=quick', '--seed', String(options.seed)]);
  const service = new ChaosService(folder, await freePort(), disk?.folder ?? join(folder, 'data'));
  try {
    return await carryOut(options, { service, target, disk });
  } finally {
    await service.end();
    await target.end();
    disk?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function carryOut(
  { seed, users, idle, events, everyMs, stoppedMs, prometheus: wanted, signal, happened }: ChaosOptions,
  { service, target, disk }: Pick<ChaosContext, 'service' | 'target' | 'disk'>,
): Promise<ChaosReport> {
  const random = seededRandom(seed, 0);
  const problems: string[] = [];
  let mayDiffer = 0;
  const times: { readonly name: string; readonly at: number }[] = [{ name: 'start of soakd', at: 0 }];
  const yaml = (version: number): string => yamlOf(target.url, users, version);
  await service.write(yaml(0));
  await service.start();
  const prometheus =
    wanted && needs('prometheus') === false
      ? await startPrometheus({ scrape: Number(new URL(service.url).port) })
      : undefined;
  const watch = new ChaosWatch(service);
  const asking = setInterval(() => void target.ask().catch(() => {}), 200);
  const startedMs = performance.now();
  try {
    times.push({ name: 'start of the run', at: Date.now() });
    const begun = await service.request('POST', '/api/v1/runs', { scenario: 'soak' });
    if (begun.status !== 201) throw new Error(`the run does not start: ${begun.text}`);
    await poll('streams', () => (target.truths.at(-1)?.ended ?? 0) > users || undefined, {
      timeoutMs: 30_000,
    });
    const context: ChaosContext = {
      ...{ service, target, disk, random, users, idle, stoppedMs, yaml },
      mayDiffer: (streams) => {
        mayDiffer += streams;
      },
      problem: (text) => void problems.push(text),
    };
    for (const name of deck(events, random)) {
      signal?.throwIfAborted();
      await sleep(everyMs);
      times.push({ name, at: Date.now() });
      const beganMs = performance.now();
      await EVENTS[name]!(context);
      happened?.(name, Math.round(performance.now() - beganMs));
    }
    await sleep(everyMs);
    times.push({ name: 'end of the run', at: Date.now() });
    const skipped = await service.request('POST', '/api/v1/runs/current/skip');
    if (skipped.status !== 200) problems.push(`skip answered ${skipped.status}: ${skipped.text}`);
    const summary = await poll(
      'end of the run',
      async () => {
        const { state, last } = JSON.parse((await service.request('GET', '/api/v1/status')).text);
        return state === 'idle' && last !== null ? (last as Summary) : undefined;
      },
      { timeoutMs: 90_000, everyMs: 500 },
    );
    await sleep(2000);
    await watch.end();
    await watch.scrape();
    await target.ask();
    problems.push(...watch.problems, ...wrongIn(summary));
    const truth = target.truths.at(-1)!;
    const sum = (name: string): number => watch.counters.sum(name);
    const started = sum('soak_streams_started_total');
    if (summary.streams.started !== started)
      problems.push(`/metrics has ${started} streams, the summary ${summary.streams.started}`);
    if (sum('soak_streams_finished_total') !== started)
      problems.push(`${started} streams started, ${sum('soak_streams_finished_total')} finished`);
    const differ = Math.abs(truth.complete - summary.streams.finished.complete);
    if (differ > mayDiffer)
      problems.push(
        `${truth.complete} streams were complete in truth, ${summary.streams.finished.complete} counted; ${mayDiffer} may be unknown`,
      );
    if (prometheus !== undefined) {
      const span = `${Math.ceil((performance.now() - startedMs) / 1000) + 5}s`;
      for (const name of ['started', 'finished', 'dropped'])
        for (const { value } of await prometheus.query(`resets(soak_streams_${name}_total[${span}]) > 0`))
          problems.push(`Prometheus sees ${value} resets of soak_streams_${name}_total`);
      const last = await prometheus.queryValue('sum(soak_streams_started_total)');
      if (last !== started) problems.push(`Prometheus has ${last} streams, /metrics ${started}`);
    }
    const { verdict } = summary;
    const { slowestMs } = watch;
    return {
      problems,
      streams: started,
      scrapes: watch.counters.scrapes,
      slowestMs,
      blocked: blockedBy(times, service),
      verdict,
      mayDiffer,
      differ,
    };
  } finally {
    clearInterval(asking);
    await watch.end();
    await prometheus?.stop();
  }
}

/** Returns the longest blocks of the main thread by the event in whose time they ended. */
function blockedBy(
  times: readonly { readonly name: string; readonly at: number }[],
  { mainBlocks }: ChaosService,
): ChaosReport['blocked'] {
  const blocked: Record<string, { ms: number; cpuMs: number }> = {};
  for (const { at, ms, cpuMs } of mainBlocks) {
    const { name } = times.findLast((time) => time.at <= at)!;
    const before = blocked[name] ?? { ms: 0, cpuMs: 0 };
    blocked[name] = { ms: Math.max(before.ms, ms), cpuMs: Math.max(before.cpuMs, cpuMs) };
  }
  return blocked;
}

/** Returns what is wrong with the verdict: it is that of the success ratio, whose counts it has. */
function wrongIn({ verdict, streams, thresholds }: Summary): string[] {
  const { success, failed } = streams.results;
  const rate = thresholds.find(({ threshold }) => threshold === 'success-rate');
  if (rate === undefined) return ['the summary has no success-rate'];
  const ratio = success / (success + failed);
  const problems: string[] = [];
  if (rate.observed === null || Math.abs(rate.observed - ratio) > 1e-9)
    problems.push(`success-rate ${rate.observed}, the streams ${ratio}`);
  const expected = ratio < rate.limit ? 'fail' : 'pass';
  if (rate.result !== expected) problems.push(`success-rate is ${rate.result}, expected ${expected}`);
  if ((verdict === 'fail') !== thresholds.some(({ result }) => result === 'fail'))
    problems.push(
      `the verdict is ${verdict}: ${thresholds.map((t) => `${t.threshold} ${t.result}`).join(', ')}`,
    );
  return problems;
}

/** Returns the names of the events in their order: all kinds, shuffled, again and again. */
function deck(count: number, random: () => number): string[] {
  const names: string[] = [];
  while (names.length < count) {
    const round = Object.keys(EVENTS);
    for (let i = round.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [round[i], round[j]] = [round[j]!, round[i]!];
    }
    names.push(...round);
  }
  return names.slice(0, count);
}

function yamlOf(url: string, users: number, version: number): string {
  return `maxMeasurementLag: 10s
limits: { maxUsers: ${users * 2 + version} }
targets:
  - { name: app, url: "${url}/", terminal: "[DONE]", timeouts: { connect: 5s, ttfb: 5s, idle: 5s, total: 30s } }
scenarios:
  soak: { target: app, thinkTime: 200ms, stages: [{ users: ${users}, for: 3h }] }
`;
}
