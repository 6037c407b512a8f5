import { compareRuns } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { ComparedRun } from '../../src/compare/run.ts';
import type { Access } from '../../src/core/access.ts';
import type { Control, RunEvent } from '../../src/core/control.ts';
import { SoakError } from '../../src/core/errors.ts';
import type { OpenStream } from '../../src/core/open-stream.ts';
import type { Overrides } from '../../src/core/overrides.ts';
import type { Run } from '../../src/core/run.ts';
import type { StreamResult } from '../../src/core/stream-result.ts';
import type { KeptRun } from '../../src/history/reader.ts';
import { type AppOptions, buildApp } from '../../src/http/app.ts';
import type { AppService } from '../../src/http/app-service.ts';
import type { LiveThresholds } from '../../src/http/live-thresholds.ts';
import type { RunHistory } from '../../src/http/run-history.ts';
import type { Status } from '../../src/http/status.ts';
import type { DetailedProgress } from '../../src/sink/progress.ts';
import { madeRun } from '../compare/made-run.ts';

const EVENTS: readonly RunEvent[] = [
  { at: Date.UTC(2026, 0, 1), action: 'start', by: 'configuration', detail: 'scenario demo' },
  {
    at: Date.UTC(2026, 0, 1, 0, 5),
    action: 'set',
    by: 'deploy',
    detail: '200 users for the rest of the stage',
  },
];

const FACTS = {
  id: 'run-1',
  scenario: 'demo',
  startedAt: 0,
  plannedEndAt: 60_000,
  startMs: 0,
  durationMs: 60_000,
  stages: 3,
  gaps: [],
  events: EVENTS,
};

export const RUN = { ...FACTS, state: 'running', stage: 1 } as const satisfies Run;
export const DRAINING = {
  ...FACTS,
  state: 'draining',
  stage: 1,
  why: 'stopped',
  drainedByMs: 8000,
} as const satisfies Run;

export const PROGRESS: DetailedProgress = {
  state: 'running',
  stage: 1,
  stages: 3,
  turn: null,
  elapsedMs: 20_000,
  leftMs: 40_000,
  done: 1 / 3,
  drainMs: null,
  active: 1234,
  desired: 1250,
  ttfbP50Ms: 812,
  ttfbP95Ms: 1234,
  success: 0.99996,
  failed: 2,
  chunksPerSecond: 350,
  measurementErrorMs: { p50: 0.1, p99: 2.5, count: 900 },
  targets: [
    {
      name: 'a',
      started: 2000,
      active: { connecting: 4, waiting: 30, streaming: 1200 },
      finished: { success: 764, failed: 2, cancelled: 0, lost: 0 },
      desired: 1250,
      ttfbP95Ms: 1234,
    },
  ],
};

export const IDLE: Status = {
  version: '1.2.3',
  state: 'idle',
  run: null,
  last: null,
  scenarios: ['demo', 'night'],
  schedules: [
    {
      name: 'nightly',
      scenario: 'night',
      cron: '0 2 * * *',
      timezone: 'Europe/Berlin',
      missed: 'once',
      nextAt: Date.UTC(2026, 9, 26, 1),
      lastStartedAt: Date.UTC(2026, 9, 25),
      skipped: 3,
    },
    {
      name: 'yearly',
      scenario: 'demo',
      cron: '@yearly',
      timezone: 'UTC',
      missed: 'skip',
      nextAt: Date.UTC(2027, 0, 1),
      lastStartedAt: null,
      skipped: 0,
    },
  ],
  history: { path: '/var/lib/soakd/history.db', sizeBytes: 4096, failing: null },
  targets: [{ name: 'a', url: 'http://127.0.0.1:8000/?…', format: 'sse' }],
};

export const BUSY: Status = { ...IDLE, state: 'running', run: { ...RUN, progress: PROGRESS } };

export const OPEN: OpenStream = {
  id: 'w0-1',
  target: 'a',
  phase: 'streaming',
  ageMs: 5,
  silenceMs: 1.5,
  stalled: false,
  chunks: 3,
  bytes: 40,
};

export const FAILED: StreamResult = {
  id: 'w0-0',
  target: 'a',
  outcome: 'truncated',
  startedAt: 0,
  detail: 'no terminal event',
  status: 200,
  lagMs: 0.1,
  connectMs: 1,
  headersMs: 2,
  ttfbMs: 3,
  durationMs: 4,
  chunks: 1,
  bytes: 5,
  tail: 'x',
};

let compared: Comparison | undefined;

/** A comparison with a regression, a value that is not compared, and a different setting; made once, since it takes time. */
export function comparison(): Comparison {
  if (compared !== undefined) return compared;
  const run = (seed: number, ttfb: number): ComparedRun => {
    const made = madeRun({ seed, windows: 60, targets: [{ name: 'a' }, { name: 'b', ttfb }] });
    const { setup } = made.summary;
    return { ...made, summary: { ...made.summary, setup: { ...setup, seed } } };
  };
  compared = compareRuns(run(1, 1), run(2, 1.6), { resamples: 100 });
  return compared;
}

export const KEPT: KeptRun = {
  id: 'run-0',
  scenario: 'demo',
  source: 'serve',
  state: 'active',
  verdict: null,
  verdictReason: null,
  endReason: null,
  startedAt: 0,
  endedAt: null,
  pinned: false,
  resumes: 1,
  targets: ['a'],
};

/** A history of one run, which keeps what is changed by itself. */
export function keptHistory(
  detail: { readonly setup: unknown; readonly summary: unknown },
  run: KeptRun = KEPT,
): RunHistory {
  const resolve = async (ref: string): Promise<string> => {
    if (ref === run.id || ref.startsWith('last')) return run.id;
    throw new SoakError('RUN_UNKNOWN', 'there is no such run');
  };
  return {
    resolve,
    list: async () => [run],
    show: async (ref) => {
      await resolve(ref);
      return { ...run, ...detail, events: EVENTS, failures: [FAILED] };
    },
    windows: async (ref, { width }) => ({ run: await resolve(ref), widthMs: width, windows: [], next: null }),
    change: async () => run,
  };
}

export const OPEN_ACCESS: Access = { tokens: [], metrics: 'open' };

/** Tokens of both roles. Their values have a mark that must show nowhere. */
export const TOKENS = { read: 'planted-read-0123456789', operate: 'planted-operate-0123456789' } as const;
export const GUARDED: Access = {
  tokens: [
    { name: 'prometheus', role: 'read', value: TOKENS.read },
    { name: 'deploy', role: 'operate', value: TOKENS.operate },
  ],
  metrics: 'token',
};

/** So many that no test meets them by accident. */
const PLENTY = { perSecond: 1e6, burst: 1e6 };
const NO_LIMITS = {
  read: PLENTY,
  operate: PLENTY,
  metrics: PLENTY,
  health: PLENTY,
  assets: PLENTY,
  failure: PLENTY,
  allApi: PLENTY,
  scrapes: PLENTY,
};

const THRESHOLDS: LiveThresholds = {
  run: RUN.id,
  verdict: { result: 'fail', reason: 'TTFB p95 4.1s > 2.5s on a' },
  thresholds: [
    {
      threshold: 'ttfb-p95',
      target: 'a',
      measure: 'ttfb',
      statistic: 'p95',
      op: '>',
      limit: 2500,
      unit: 'ms',
      severity: 'warning',
      state: 'crossed',
      observed: 0.2,
      abort: false,
      text: 'TTFB p95 is above 2.5s',
      action: 'Look at the target.',
      crossings: [{ fromAt: 0, worst: 0.2 }],
    },
  ],
};

/** The real app on a service that does nothing but write down what it was asked for. */
export function stubApp(overrides: Partial<AppService> = {}, options: AppOptions = {}) {
  const started: { readonly scenario: string; readonly by: string; readonly overrides: Overrides }[] = [];
  const controls: { readonly control: Control; readonly by: string }[] = [];
  const reloads: string[] = [];
  const errors: { readonly facts: object; readonly text: string }[] = [];
  const infos: { readonly facts: { readonly by?: string }; readonly text: string }[] = [];
  const warnings: { readonly facts: object; readonly text: string }[] = [];
  const app = buildApp(
    {
      status: () => IDLE,
      ready: () => true,
      scrape: async () => ({ text: 'soak_up 1\n', contentType: 'text/plain; version=0.0.4; charset=utf-8' }),
      startRun: async (scenario, by, overrides) => {
        started.push({ scenario, by, overrides });
        return { ...RUN, scenario };
      },
      control: (control, by) => {
        controls.push({ control, by });
        return control.action === 'stop' ? DRAINING : RUN;
      },
      reload: async (by) => {
        reloads.push(by);
        return { applied: ['scenarios: night added'], waiting: [], restart: [] };
      },
      access: () => OPEN_ACCESS,
      openStreams: async () => [],
      failures: () => [],
      thresholds: () => THRESHOLDS,
      configuration: () => ({ file: 'soakd.yaml', loadedAt: 0, scenarios: [], configuration: {} }),
      checkConfiguration: async () => ({
        valid: false,
        targets: [],
        scenarios: [],
        issues: [{ line: 3, text: 'found nothing, expected something; write it' }],
      }),
      // It ends at once: `inject` waits for the end of an answer.
      events: { viewers: 0, open: (viewer) => viewer.end(), leave: () => {} },
      history: () => keptHistory({ setup: {}, summary: {} }),
      report: async (task) =>
        new TextEncoder().encode(
          JSON.stringify(
            'baseline' in task ? comparison() : { schema: 1, title: 'stub', subtitle: [], sections: [] },
          ),
        ),
      version: '1.2.3 abc',
      log: {
        info: (facts, text) => infos.push({ facts, text }),
        warn: (facts, text) => warnings.push({ facts, text }),
        error: (facts, text) => errors.push({ facts, text }),
      },
      ...overrides,
    },
    { rates: NO_LIMITS, ...options },
  );
  return { app, inject: app.inject.bind(app), started, controls, reloads, errors, warnings, infos };
}

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly url: string;
}

/** Returns the URL of a route for the run of {@link keptHistory}, or for a file of the page. */
export const urlOf = (route: string): string =>
  route.replace('{id}', KEPT.id).replace('{build}/{folder}/{file}', '0123456789abcdef/web/main.js');

/** Every route of an app that is not ready yet, in the form of OpenAPI. */
export async function routesOf(app: ReturnType<typeof buildApp>): Promise<Route[]> {
  const routes: Route[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat())
      routes.push({ method: one as Route['method'], url: url.replaceAll(/:(\w+)/g, '{$1}') });
  });
  await app.ready();
  return routes;
}

/** A good request of each route that wants more than its address. */
export const BODIES: Readonly<Record<string, object>> = {
  'POST /login': { token: TOKENS.read },
  'POST /api/v1/runs': { scenario: 'demo' },
  'POST /api/v1/configuration/check': { text: 'targets: []' },
  'PATCH /api/v1/runs/current': { users: 5 },
  'POST /api/v1/runs/current/extend': { by: '10m' },
  'PATCH /api/v1/runs/{id}': { pinned: true },
};
