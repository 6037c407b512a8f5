import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell } from '../../src/catalog/slots.ts';
import { packValues } from '../../src/core/packed-values.ts';
import { History } from '../../src/history/history.ts';
import { recordLayout } from '../../src/history/layout-record.ts';
import type { RunWrite } from '../../src/history/records.ts';
import { TIMINGS } from '../../src/measures/list.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { observe } from '../core/observe.ts';
import { FAILED } from '../http/stub.ts';
import { summaryOfValues } from '../report/samples.ts';
import { LAYOUT } from '../run/samples.ts';

export const START_AT = Date.UTC(2026, 10, 23, 18, 0);
const WINDOW_MS = 10_000;

/** A history in a folder, absent: a new one; `remove` closes and deletes both. */
export async function openHistory(
  source: 'serve' | 'run' = 'serve',
  folder = mkdtempSync(join(tmpdir(), 'soakd-runs-')),
) {
  const say = () => {};
  const history = await History.open({
    folder: { path: folder, isDefault: false },
    source,
    retention: { maxAgeMs: 1e15, maxBytes: 1e12 },
    log: { info: say, warn: say, error: say },
  });
  const remove = async (): Promise<void> => {
    await history.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { folder, history, remove };
}

export interface FilledOptions {
  readonly windows?: number;
  readonly startedAt?: number;
  readonly scenario?: string;
  readonly verdict?: Summary['verdict'];
  /** Whether it goes on. */
  readonly active?: boolean;
  readonly seed?: number;
}

/** Counts of a window: made up, and another for each window and seed. */
function countsOf(n: number, seed: number): Float64Array {
  const values = new Float64Array(LAYOUT.size);
  let state = (seed * 7919 + n * 104_729 + 1) % 2_147_483_647;
  const random = (most: number): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state % most;
  };
  for (const { cell, histogram } of LAYOUT.slots) {
    const add = (name: Cell, most: number): void => {
      values[cell[name]] = random(most);
    };
    for (const name of ['started', 'chunks', 'bytes', 'inputTokens', 'downMs', 'backoff'] as const)
      add(name, 5000);
    add('finished:complete', 300);
    add('finished:truncated', 9);
    add('finished:cancelled', 3);
    add('response:200', 400);
    add('active:waiting', 20);
    add('active:streaming', 90);
    add('silence', 4000);
    for (const timing of TIMINGS)
      for (let i = 0; i < 20; i++) observe(values, histogram[timing], 1 + random(4000), 1 + random(3));
  }
  observe(values, LAYOUT.shared['measurementLag:lean'], 0.1 + random(5), 50);
  return values;
}

/** Writes a run to a history. @returns its kept summary, of all its windows */
export async function fill(
  history: History,
  run: string,
  {
    windows = 30,
    startedAt = START_AT,
    scenario = 'demo',
    verdict = 'pass',
    active = false,
    seed = 1,
  }: FilledOptions = {},
): Promise<Summary> {
  const total = new Float64Array(LAYOUT.size);
  const endedAt = startedAt + windows * WINDOW_MS;
  for (let n = 0; n < windows; n++) {
    const values = countsOf(n, seed);
    for (const [i, value] of values.entries()) total[i]! += value;
    for (const i of LAYOUT.maxima) total[i] = Math.max(total[i]! - values[i]!, values[i]!);
  }
  const summary = {
    ...summaryOfValues(total, { id: run, scenario, startedAt, endedAt, verdict }),
    verdict,
  };
  const write = (more: Omit<RunWrite, 'run'>): number => history.write({ run, ...more });
  write({
    start: {
      run,
      scenario,
      source: 'serve',
      owner: history.lock.name,
      startedAt,
      targets: LAYOUT.targets,
      layout: recordLayout(LAYOUT, { ttfb: [1234] }),
      setup: JSON.stringify(summary.setup),
    },
    events: [
      { n: 0, at: startedAt, action: 'start', by: 'configuration', detail: `scenario ${scenario}` },
      { n: 1, at: startedAt + 60_000, action: 'set', by: 'deploy', detail: '200 users' },
    ],
    failures: [{ ...FAILED, startedAt: startedAt + 1000 }],
  });
  for (let n = 0; n < windows; n++) {
    const values = countsOf(n, seed);
    const isClosed = !active || n < windows - 1;
    const span = { n, fromAt: startedAt + n * WINDOW_MS, toAt: startedAt + (n + 1) * WINDOW_MS, isClosed };
    write({
      windows: LAYOUT.slots.map(({ start, end }, target) => ({
        ...span,
        target,
        desired: 50 + target,
        data: packValues(values, start, end),
      })),
      generator: [
        {
          ...span,
          rssBytes: 1e8 + n,
          cpuMs: 5.5,
          lagWindows: 2,
          unreliable: n % 2,
          data: packValues(values, LAYOUT.sharedStart, LAYOUT.size),
        },
      ],
    });
  }
  const end = { verdict, reason: 'completed', endedAt, summary: JSON.stringify(summary) };
  await history.written(write(active ? {} : { end }));
  return summary;
}
