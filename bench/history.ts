/**
 * `node bench/history.ts [--runs=365]`: a year of nightly one-hour runs of the seed's workload at 3000 users, written
 * through the real sink and the real thread in virtual time; the size, and the time of typical reads. Then a day of 50
 * targets, and the CPU time of writing twice a second. Takes some minutes.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type StreamLayout, streamLayout } from '../src/catalog/slots.ts';
import type { HistogramSlot } from '../src/core/layout.ts';
import { seededRandom } from '../src/core/random.ts';
import { addValues } from '../src/core/snapshot.ts';
import { DATABASE } from '../src/history/folder.ts';
import { History } from '../src/history/history.ts';
import type { KeptPart } from '../src/history/history-sink.ts';
import { WINDOW_WIDTHS_MS } from '../src/history/records.ts';
import { checkpointParts } from '../src/run/checkpoint.ts';
import { noShifts } from '../src/run/measurement-quality/lag-watch.ts';
import {
  CHUNKS,
  moveCalendar,
  observe,
  runOf,
  STREAM_S,
  sinkOf,
  TIMING_LIMITS,
  writeRun,
} from '../support/history/written.ts';

const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '365' } } });

const WINDOW_MS = WINDOW_WIDTHS_MS[0];
const HOUR_MS = 3_600_000;
const USERS = 3000;
const random = seededRandom(1);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
/** Columns that a page of a run shows. */
const PLOTTED = ['successRatio', 'ttfbMs.p95', 'gapMs.p95', 'streams.openMean', 'chunks'];

/** Returns what a span of the workload adds, for one target. */
function spanOf(layout: StreamLayout, target: number, users: number, seconds: number): Float64Array {
  const values = new Float64Array(layout.size);
  const { cell, histogram } = layout.slots[target]!;
  const streams = Math.round((users / STREAM_S) * seconds * (1 + 0.03 * normal()));
  values[cell.started] = streams;
  values[cell['finished:complete']] = streams;
  values[cell.chunks] = streams * CHUNKS;
  values[cell.reads] = Math.round(streams * CHUNKS * (0.9 + 0.1 * random()));
  values[cell.bytes] = values[cell.chunks]! * 40;
  values[cell.characters] = Math.round(values[cell.chunks]! * 3.8);
  values[cell['active:streaming']] = users;
  values[cell['response:200']] = streams;
  values[cell.upMs] = seconds * 1000;
  const rise = 1270 + 2139 * (users / USERS) ** 2;
  const timings = Object.entries(histogram) as [string, HistogramSlot][];
  for (const [name, slot] of timings) {
    // Two million gaps a minute are drawn by bin.
    if (name.startsWith('gap')) {
      for (let ms = 12.7; ms < 140; ms += 0.5)
        observe(values, slot, ms, Math.round(((streams * CHUNKS) / 255) * (1 + 0.05 * normal())));
      continue;
    }
    const median =
      name.startsWith('ttfb') || name.startsWith('ttft') ? rise : name.startsWith('duration') ? 31_800 : 2;
    if (/failed|cancelled|lost/.test(name)) continue;
    for (let i = 0; i < Math.min(streams, 1000); i++)
      observe(values, slot, median * Math.exp(0.2 * normal()));
  }
  // One of the transports carries streams.
  const { 'measurementLag:undici': _, ...shared } = layout.shared;
  for (const slot of Object.values(shared)) {
    const count = Math.min(1000, slot === layout.shared.scheduleLag ? streams : 100 * seconds);
    for (let i = 0; i < count; i++) observe(values, slot, 0.5 * Math.exp(0.7 * normal()));
  }
  return values;
}

function say(text: unknown): void {
  process.stdout.write(`${typeof text === 'string' ? text : JSON.stringify(text)}\n`);
}

const folder = mkdtempSync(join(tmpdir(), 'soakd-bench-history-'));
const nowAt = Date.UTC(2027, 0, 1, 2);

async function open(path: string): Promise<History> {
  return History.open({
    folder: { path, isDefault: false },
    source: 'serve',
    retention: { maxAgeMs: 1e15, maxBytes: 1e13 },
    log: { info() {}, warn: say, error: say },
  });
}

/** As long as those of a run of one target and 13 levels. */
const SHIFTS = noShifts(streamLayout(['app'], TIMING_LIMITS).size);
const KEPT = {
  setup: JSON.stringify({ text: 'x'.repeat(4000) }),
  summary: JSON.stringify({ verdictReason: 'all thresholds hold', text: 'y'.repeat(40_000) }),
};

async function timed<T>(what: string, limitMs: number, call: () => Promise<T>): Promise<T> {
  const took: number[] = [];
  let result!: T;
  const before = process.cpuUsage();
  for (let i = 0; i < 7; i++) {
    const from = performance.now();
    result = await call();
    took.push(performance.now() - from);
  }
  const { user, system } = process.cpuUsage(before);
  const median = took.toSorted((a, b) => a - b)[3]!;
  const cpu = `${((user + system) / 7000).toFixed(0)} ms of CPU`;
  say(
    `${what}: ${took[0]!.toFixed(0)} ms at first, median ${median.toFixed(0)} ms, ${cpu}, limit ${limitMs} ms`,
  );
  return result;
}

try {
  const one = streamLayout(['app'], TIMING_LIMITS);
  const spans = Array.from({ length: 40 }, () => spanOf(one, 0, USERS, WINDOW_MS / 1000));
  const year = join(folder, 'year');
  let history = await open(year);
  const began = performance.now();
  for (let day = 0; day < Number(options.runs); day++) {
    await writeRun(history, {
      ...KEPT,
      id: `2027-${String(day).padStart(3, '0')}`,
      layout: one,
      startAt: nowAt + day * 86_400_000,
      durationMs: HOUR_MS,
      everyMs: WINDOW_MS,
      spanAt: () => spans[Math.floor(random() * spans.length)]!,
      usersPerTarget: USERS,
    });
  }
  await history.close();
  const megabytes = statSync(join(year, DATABASE)).size / 1e6;
  say(
    `${options.runs} runs of an hour: ${megabytes.toFixed(0)} MB, written in ${((performance.now() - began) / 1000).toFixed(0)} s; limit 1000 MB`,
  );
  await timed('open', 2000, async () => {
    const reopened = await open(year);
    await reopened.read('list', { limit: 1 });
    await reopened.close();
  });
  history = await open(year);
  await timed('list of 50', 100, () => history.read('list', { limit: 50 }));
  await timed('list of all', 100, () => history.read('list', { limit: 1000 }));
  await timed('show', 100, () => history.read('show', 'last'));
  await timed('an hour by windows of 10 s', 300, () =>
    history.read('windows', 'last', { width: 10_000, limit: 1000 }),
  );
  await history.close();

  const names = Array.from({ length: 50 }, (_, i) => `target-${i}`);
  const many = streamLayout(names, TIMING_LIMITS);
  const parts = Array.from({ length: 3 }, () => {
    const all = new Float64Array(many.size);
    names.forEach((_, t) => {
      spanOf(many, t, USERS / 50, 600).forEach((n, i) => {
        if (n > 0) all[i] = n;
      });
    });
    return all;
  });
  history = await open(join(folder, 'day'));
  // One window of ten minutes at a time: sixty of 10 s add up to the same.
  await writeRun(history, {
    ...KEPT,
    id: 'day',
    layout: many,
    startAt: nowAt + 400 * 86_400_000,
    durationMs: 24 * HOUR_MS,
    everyMs: 600_000,
    spanAt: () => parts[Math.floor(random() * parts.length)]!,
    usersPerTarget: USERS / 50,
  });
  say(`a day of 50 targets: ${(statSync(join(folder, 'day', DATABASE)).size / 1e6).toFixed(0)} MB`);
  const day = { width: 600_000, limit: 1000, columns: PLOTTED } as const;
  await timed('a day of 50 targets by windows of 10 min, five columns', 300, async () => {
    const { windows, next } = await history.read('windowRows', 'day', day);
    if (windows.length !== 144 || next !== null || windows[0]!.targets.length !== 50)
      throw new Error(`found ${windows.length} windows, expected all 144`);
  });
  await history.close();

  history = await open(join(folder, 'cpu'));
  let values: Float64Array = new Float64Array(one.size);
  const half = Array.from({ length: 20 }, () => spanOf(one, 0, USERS, 0.5));
  const lasting = { ...KEPT, layout: one, startAt: nowAt + 500 * 86_400_000, durationMs: HOUR_MS };
  const sink = sinkOf(history, lasting, () => stateOf(values));
  const run = runOf({ id: 'cpu', ...lasting });
  const { startMs, restore } = moveCalendar(lasting.startAt);
  const desired = [USERS];
  sink.start(run, { atMs: startMs, layout: one, values, desired });
  const SECONDS = 300;
  await history.written(history.posted);
  const from = process.cpuUsage();
  let inMainMs = 0;
  for (let n = 1; n <= 2 * SECONDS; n++) {
    values = addValues(one, values, half[n % half.length] as Float64Array);
    const before = performance.now();
    sink.add(run, { atMs: startMs + n * 500, layout: one, values, desired });
    inMainMs += performance.now() - before;
    await history.written(history.posted);
    await sleep(5);
  }
  restore();
  const { user, system } = process.cpuUsage(from);
  const perSecondMs = (user + system) / 1000 / SECONDS;
  say(
    `writing twice a second: ${perSecondMs.toFixed(2)} ms of CPU a second (${(perSecondMs / 10).toFixed(2)} % of a core), ${(inMainMs / SECONDS).toFixed(2)} ms of it in the main thread; limit 1 %`,
  );
  await history.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** The state of a run as it is written twice a second. */
function stateOf(values: Float64Array): readonly KeptPart[] {
  const from = new Float64Array(values.length);
  return checkpointParts({
    active: { id: 'cpu', scenario: { name: 'nightly', text: 'z'.repeat(2000) }, startedAt: nowAt, at: nowAt },
    engine: { segments: [{ started: 1, dropped: 0 }], learned: [0], restarts: 0, deaths: 0, lives: 1 },
    watch: { atMs: 1, signature: 's'.repeat(500), polled: [], entries: [], polls: [] },
    lag: { windows: 1, unreliable: 0, worstMs: 1, saturation: {}, shifts: SHIFTS },
    record: {
      availability: [],
      contention: [],
      level: { level: {}, from: { at: 0, atMs: 0, values: from }, merged: 0 },
      ended: [],
      from,
    },
    values,
    warmUp: undefined,
    polls: [],
  } as unknown as Parameters<typeof checkpointParts>[0]);
}
