import { readFileSync } from 'node:fs';
import type { Checks } from './checks.ts';
import { prometheus, queryValue } from './http.ts';
import { until } from './until.ts';

const SCRAPE_MS = 45_000;

interface Targets {
  readonly activeTargets: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly health: string;
    readonly scrapeUrl: string;
    readonly lastError: string;
  }[];
}

export interface WatchingOptions {
  readonly chosen: readonly string[];
  readonly signal: AbortSignal;
}

/** What Prometheus sees of the others. */
export async function checkWatching(checks: Checks, { chosen, signal }: WatchingOptions): Promise<void> {
  const waiting = { signal, timeoutMs: SCRAPE_MS };
  await checks.that('Prometheus scrapes all by the names of their services', () =>
    until(
      'scrape of all',
      async () => {
        const { activeTargets } = await prometheus<Targets>('targets?state=active', { signal });
        const down = activeTargets.filter((target) => target.health !== 'up');
        if (down.length > 0)
          throw new Error(down.map((t) => `${t.scrapeUrl} ${t.health} ${t.lastError}`).join('; '));
        const jobs = activeTargets.map(({ labels, scrapeUrl }) => `${labels.job} ${scrapeUrl}`);
        return jobs.length >= chosen.length ? jobs.join(', ') : undefined;
      },
      waiting,
    ),
  );
  await checks.that('up{job="soak"} is 1', async () =>
    expected(await queryValue('up{job="soak"}', { signal }), 1),
  );
  await checks.that('streams of the run are counted', () =>
    until(
      'chunk of a run',
      async () => {
        const active = await queryValue('soak_run_active', { signal });
        const started = await queryValue('sum(soak_streams_started_total)', { signal });
        const chunks = await queryValue('sum(soak_chunks_received_total)', { signal });
        return active === 1 && started > 0 && chunks > 0 ? `${started} streams, ${chunks} chunks` : undefined;
      },
      waiting,
    ),
  );
  await checks.that('node-exporter sees the machine, not its container', async () => {
    const seen = await queryValue('node_memory_MemTotal_bytes', { signal });
    const kilobytes = /^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))![1];
    return `${expected(seen, Number(kilobytes) * 1024)} bytes of memory`;
  });
  await checks.that('Prometheus knows Alertmanager', () =>
    until(
      'Alertmanager',
      async () => {
        const { activeAlertmanagers } = await prometheus<{ activeAlertmanagers: { url: string }[] }>(
          'alertmanagers',
          { signal },
        );
        return activeAlertmanagers.length === 1 ? activeAlertmanagers[0]!.url : undefined;
      },
      waiting,
    ),
  );
  await checks.that('rules of prometheus/rules are evaluated', async () => {
    const { groups } = await prometheus<{ groups: { rules: { health: string; lastError?: string }[] }[] }>(
      'rules',
      {
        signal,
      },
    );
    const broken = groups.flatMap(({ rules }) => rules).filter(({ health }) => health === 'err');
    if (broken.length > 0) throw new Error(broken.map(({ lastError }) => lastError).join('; '));
    return `${groups.length} groups`;
  });
}

function expected(value: number, wanted: number): string {
  if (value !== wanted) throw new Error(`it is ${value}, not ${wanted}`);
  return String(value);
}
