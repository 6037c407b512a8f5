import type { AddressInfo } from 'node:net';
import type { Comparison } from '../../src/compare/comparison.ts';
import { OUTCOMES } from '../../src/core/outcome.ts';
import type { Run, RunVerdict } from '../../src/core/run.ts';
import type { StreamResult } from '../../src/core/stream-result.ts';
import { makeDocument } from '../../src/document/make.ts';
import { REPORT_FORMATS } from '../../src/document/render/formats.ts';
import type { KeptRun } from '../../src/history/reader.ts';
import type { WindowRow } from '../../src/history/window-row.ts';
import { EventFeed } from '../../src/http/events/feed.ts';
import type { LiveThreshold, LiveThresholds } from '../../src/http/live-thresholds.ts';
import type { RunHistory } from '../../src/http/run-history.ts';
import type { Status } from '../../src/http/status.ts';
import type { DetailedProgress } from '../../src/sink/progress.ts';
import { inputOf, madeReportedRun } from '../document/made.ts';
import { comparison, IDLE, KEPT, PROGRESS, RUN, stubApp } from '../http/stub.ts';
import { summaryOf } from '../report/samples.ts';

/** What the page of a made server shows. */
export interface MadeState {
  readonly state: 'empty' | 'starting' | 'well' | 'bad' | 'paused' | 'resumed' | 'draining' | RunVerdict;
  /** Kept runs; default 3, none of the empty state. */
  readonly runs?: number;
  /** Name of the second target, and part of texts. */
  readonly name?: string;
  /** Answer of a comparison; absent: a regression. */
  readonly comparison?: Comparison;
}

export interface MadePage {
  readonly url: string;
  readonly controls: readonly { readonly control: object; readonly by: string }[];
  readonly started: readonly object[];
  close(): Promise<void>;
}

const WINDOWS = 90;
/** Windows of the time in which no process carried out a resumed run. */
const GAP = { from: 40, to: 52 } as const;

/** Serves the page with made runs: every state without waiting for it. */
export async function madePage(made: MadeState): Promise<MadePage> {
  const { state, runs = state === 'empty' ? 0 : 3, name = 'gunicorn' } = made;
  const startMs = Math.floor(Date.now() / 1000) * 1000 - WINDOWS * 10_000;
  const bad = state === 'bad';
  const status = statusOf(state, startMs, name);
  const kept = keptRuns(runs, startMs, name);
  const windows = Array.from({ length: WINDOWS }, (_, n) =>
    windowRow(n, startMs, bad || state === 'fail', name),
  ).filter(({ n }) => state !== 'resumed' || n < GAP.from || n >= GAP.to);
  const history = historyOf(kept, windows, status);
  const { app, controls, started } = stubApp({
    status: () => status,
    history: () => history,
    thresholds: () => liveThresholds(status, bad ? name : null),
    events: new EventFeed({ status: () => status, history: () => undefined }),
    failures: () => (bad ? failures(startMs, name) : []),
    report: async (task) =>
      new TextEncoder().encode(
        'baseline' in task
          ? JSON.stringify(made.comparison ?? comparison())
          : await REPORT_FORMATS[task.format](makeDocument(inputOf(madeReportedRun()))),
      ),
    openStreams: async () =>
      bad
        ? [
            {
              id: 'w0-9',
              target: name,
              phase: 'streaming',
              ageMs: 42_000,
              silenceMs: 31_000,
              stalled: true,
              chunks: 12,
              bytes: 900,
            },
          ]
        : [],
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, controls, started, close: () => app.close() };
}

function statusOf(state: MadeState['state'], startMs: number, name: string): Status {
  const targets = [
    { name: 'a', url: 'http://127.0.0.1:8000/chat', format: 'sse' },
    { name, url: 'http://127.0.0.1:8001/chat', format: 'sse' },
  ];
  const common = { ...IDLE, targets };
  if (state === 'empty') return common;
  if (state === 'starting') return { ...common, state };
  if (state === 'pass' || state === 'fail' || state === 'inconclusive' || state === 'aborted')
    return { ...common, last: lastRun(state, startMs, name) };
  const active: 'running' | 'paused' | 'draining' =
    state === 'paused' || state === 'draining' ? state : 'running';
  const place = {
    stage: 1,
    ...(active === 'draining' ? { why: 'stopped' as const, drainedByMs: 8000 } : {}),
  };
  const [fromAt, toAt] = [GAP.from, GAP.to].map((n) => startMs + n * 10_000) as [number, number];
  const run = {
    ...RUN,
    ...place,
    state: active,
    startedAt: startMs,
    plannedEndAt: startMs + 3_600_000,
    durationMs: 3_600_000,
    gaps: state === 'resumed' ? [{ fromAt, toAt, lost: 180 }] : [],
    events: [
      { at: startMs, action: 'start', by: 'deploy', detail: 'scenario demo' },
      { at: startMs + 300_000, action: 'set', by: 'deploy', detail: '200 users for the rest of the stage' },
      ...(state === 'resumed'
        ? [
            {
              at: toAt,
              action: 'gap' as const,
              by: 'soakd',
              detail: 'no process carried out the run for 2m: 180 streams were lost',
            },
          ]
        : []),
      ...(active === 'paused'
        ? [{ at: startMs + 840_000, action: 'pause' as const, by: 'deploy', detail: 'no new streams' }]
        : []),
    ],
  } as Run;
  const progress: DetailedProgress = {
    ...PROGRESS,
    state: active,
    elapsedMs: 900_000,
    leftMs: 2_700_000,
    done: 0.25,
    drainMs: active === 'draining' ? 6000 : null,
    success: state === 'bad' ? 0.871 : 0.99996,
    failed: state === 'bad' ? 41 : 0,
    targets: [
      PROGRESS.targets[0]!,
      {
        ...PROGRESS.targets[0]!,
        name,
        finished: { success: 812, failed: state === 'bad' ? 155 : 0, cancelled: 0, lost: 0 },
      },
    ],
  };
  return { ...common, state: active, run: { ...run, progress } };
}

function liveThresholds({ run }: Status, crossed: string | null): LiveThresholds {
  if (run === null) return { run: null, verdict: null, thresholds: [] };
  const common = {
    severity: 'warning',
    state: 'ok',
    observed: 0,
    abort: false,
    action: null,
    crossings: [],
  } as const;
  const limits: LiveThreshold[] = run.progress.targets.flatMap(({ name: target }): LiveThreshold[] => [
    {
      ...common,
      target,
      threshold: 'ttfb-p95',
      measure: 'ttfb',
      statistic: 'p95',
      op: '>',
      limit: 2500,
      unit: 'ms',
      text: 'TTFB p95 is above 2.5s',
    },
    {
      ...common,
      ...(target === crossed
        ? {
            state: 'crossed',
            action: 'Check the log of the target.',
            crossings: [{ fromAt: run.startedAt + 660_000, worst: 0.8 }],
          }
        : {}),
      target,
      threshold: 'success-rate',
      measure: 'success',
      statistic: 'ratio',
      op: '<',
      limit: 0.99,
      unit: 'ratio',
      text: 'the success rate is below 99 %',
    },
  ]);
  const verdict =
    crossed === null
      ? ({ result: 'pass', reason: 'all 4 limits hold' } as const)
      : ({ result: 'fail', reason: `success rate 87 % < 99 % on ${crossed}` } as const);
  return { run: run.id, verdict, thresholds: limits };
}

function lastRun(verdict: RunVerdict, startMs: number, name: string): NonNullable<Status['last']> {
  const result = verdict === 'fail' ? 'fail' : 'pass';
  const threshold = {
    observed: verdict === 'fail' ? 0.87 : 1,
    limit: 0.99,
    unit: 'ratio',
    op: '<',
    count: 5120,
    required: 1,
    crossed: [],
  } as const;
  const made = summaryOf(
    {
      id: 'kept-0',
      verdict,
      startedAt: startMs,
      endedAt: startMs + WINDOWS * 10_000,
      verdicts: [
        { ...threshold, threshold: 'success-rate', target: name, result },
        {
          ...threshold,
          threshold: 'ttfb-p95',
          target: 'a',
          result: 'pass',
          observed: 812,
          limit: 2500,
          unit: 'ms',
          op: '>',
        },
      ],
    },
    { started: 600, 'finished:complete': 500, 'finished:reset': verdict === 'fail' ? 70 : 0 },
    { ttfb: [100, 200, 800] },
  );
  return {
    ...made,
    targets: made.targets.map((t, i) => (i === 1 ? { ...t, name } : { ...t, name: i === 0 ? 'a' : t.name })),
  };
}

function keptRuns(count: number, startMs: number, name: string): KeptRun[] {
  const verdicts = ['fail', 'pass', 'inconclusive', 'aborted'] as const;
  return Array.from({ length: count }, (_, i): KeptRun => {
    const verdict = verdicts[i % verdicts.length]!;
    const startedAt = startMs - i * 7_200_000;
    return {
      ...KEPT,
      id: `kept-${i}`,
      state: 'finished',
      verdict,
      verdictReason: verdict === 'pass' ? 'all 5 limits hold' : `success rate 87 % < 99 % on ${name}`,
      endReason: 'completed',
      startedAt,
      endedAt: startedAt + WINDOWS * 10_000,
      pinned: i === 1,
      targets: ['a', name],
    };
  });
}

function historyOf(kept: readonly KeptRun[], windows: readonly WindowRow[], { run }: Status): RunHistory {
  const find = (ref: string): KeptRun => {
    const active: KeptRun = { ...KEPT, id: run?.id ?? '', targets: ['a'] };
    if (ref === active.id) return active;
    const found = kept.find(({ id, verdict }) => id === ref || (ref === 'last-pass' && verdict === 'pass'));
    if (found !== undefined) return found;
    throw new Error(`the test has no run ${ref}`);
  };
  return {
    resolve: async (ref) => find(ref).id,
    list: async ({ before, limit, verdict }) => {
      const all = kept.filter((one) => verdict === undefined || one.verdict === verdict);
      const from = before === undefined ? 0 : all.findIndex(({ id }) => id === before) + 1;
      return all.slice(from, from + limit);
    },
    show: async (ref) => {
      const one = find(ref);
      const verdict = one.verdict as RunVerdict | null;
      return {
        ...one,
        setup: { model: { kind: 'closed' } },
        summary: verdict === null ? null : lastRun(verdict, one.startedAt, one.targets[1] ?? 'b'),
        events: [{ at: one.startedAt, action: 'start', by: 'deploy', detail: 'scenario demo' }],
        failures: verdict === 'fail' ? failures(one.startedAt, one.targets[1] ?? 'b') : [],
      };
    },
    windows: async (ref, { from = 0, width }) => ({
      run: find(ref).id,
      widthMs: width,
      windows: windows.slice(from),
      next: null,
    }),
    change: async () => kept[0]!,
  };
}

function windowRow(n: number, startMs: number, bad: boolean, name: string): WindowRow {
  const failing = bad && n >= 60;
  const wave = Math.sin(n / 7) * 0.2 + 1;
  const quantiles = (ms: number) => ({ p50: ms * wave, p95: ms * 1.8 * wave, p99: ms * 2.6 * wave });
  const row = (target: string, slow: number, failed: number) => ({
    target,
    streams: {
      desired: Math.min(n * 5, 200),
      openMean: Math.min(n * 5, 200) * (1 - failed / 100),
      stalled: failed > 0 && n === WINDOWS - 1 ? 1 : 0,
      results: { success: 40 - failed, failed, cancelled: 0, lost: 0 },
      finished: {
        ...Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])),
        reset: failed - (failed > 3 ? 2 : 0),
        stalled: failed > 3 ? 2 : 0,
      },
    },
    successRatio: 1 - failed / 40,
    ttfbMs: quantiles(420 * slow),
    ttftMs: quantiles(480 * slow),
    gapMs: quantiles(38 * slow),
    chunks: 3500 / slow,
  });
  return {
    n,
    fromAt: startMs + n * 10_000,
    toAt: startMs + (n + 1) * 10_000,
    generator: { rssBytes: 3.2e8, cpuMs: 4200 },
    measurementQuality: { windows: 2, unreliable: n === 30 || n === 31 ? 1 : 0 },
    measurementErrorMs: { count: 100, p50: 0.1, p99: n === 30 || n === 31 ? 40 : 2.1 * wave },
    targets: [row('a', 1, 0), row(name, failing ? 2.4 : 1.1, failing ? 5 + (n % 3) : 0)],
  } as WindowRow;
}

function failures(startMs: number, name: string): StreamResult[] {
  return [1, 2, 3].map((i) => ({
    id: `w0-${i}`,
    target: name,
    outcome: i === 3 ? 'stalled' : 'reset',
    startedAt: startMs + 880_000 - i * 4000,
    detail: i === 3 ? 'no byte for 30s' : `the connection was reset (${name})`,
    status: 200,
    lagMs: 0.1,
    connectMs: 1,
    headersMs: 2,
    ttfbMs: 3,
    durationMs: 4200,
    chunks: 1,
    bytes: 5,
  }));
}
