import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamView } from '../../src/catalog/slots.ts';
import { seededRandom } from '../../src/core/random.ts';
import { restoreLayout } from '../../src/history/layout-record.ts';
import { HistoryReader } from '../../src/history/reader.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { type Running, soakd } from '../../support/process.ts';
import { type GroundTruth, type Simulated, simulate } from '../../support/simulator.ts';
import { CounterWatch } from './counters.ts';
import { Lateness } from './lateness.ts';

const SCRAPE_MS = 200;
/** What was counted longer ago than this before a kill must be kept (docs/resume.md). */
const MAX_LOST_MS = 1000;
/** Time before a kill in which a delay of this process shows that soakd may have been late, too. */
const LATENESS_MS = 3000;
const TARGETS = ['a', 'b'] as const;

/** What is done to a run, drawn from its seed. Times in ms. */
export interface KillPlan {
  readonly model: 'closed' | 'open';
  readonly warmUpMs: number;
  /** Streams; 0: none. */
  readonly budget: number;
  /** Users, or arrivals a second, set over the API before the kill; 0: none. */
  readonly set: number;
  readonly pause: boolean;
  /** Whether the next process continues the run. */
  readonly resume: boolean;
  /** Whether the configuration has one more target, at the front, and another limit after the first kill. */
  readonly changed: boolean;
  /** Times of the kills, from the start or the resume of the run, and the time until the restart. */
  readonly kills: readonly { readonly afterMs: number; readonly downMs: number }[];
}

const STAGE_MS = 6000;
const PLANNED_MS = 2 * STAGE_MS;

function killPlan(seed: number): KillPlan {
  const random = seededRandom(seed);
  const chance = (share: number): boolean => random() < share;
  const model = chance(0.5) ? 'closed' : 'open';
  const down = (): number => (chance(0.3) ? 0 : 1000 + 2000 * random());
  const twice = chance(0.3);
  const plan = {
    model,
    warmUpMs: chance(0.5) ? 2000 : 0,
    budget: chance(0.3) ? 60 : 0,
    set: chance(0.4) ? 12 : 0,
    pause: chance(0.25),
    resume: !chance(0.15),
  } as const;
  const first = { afterMs: 700 + random() * (PLANNED_MS - (twice ? 6000 : 1500)), downMs: down() };
  const second = { afterMs: 600 + random() * 3000, downMs: down() };
  const changed = chance(0.25);
  return { ...plan, changed, kills: twice && plan.resume ? [first, second] : [first] };
}

/** What a run with kills showed. */
export interface KilledRunReport {
  readonly seed: number;
  readonly plan: KillPlan;
  /** What is wrong; empty where all is right. */
  readonly problems: readonly string[];
  /** Age of the last record at each kill, ms. */
  readonly ages: readonly number[];
  /** Streams that the simulator saw, and those of them that the run does not know. */
  readonly streams: number;
  readonly unknown: number;
  readonly lost: number;
  readonly scrapes: number;
}

interface Truth extends GroundTruth {
  readonly at: number;
}

/** What the history has of the run. */
interface Kept {
  readonly state: string;
  readonly started: number;
  readonly ended: number;
  readonly complete: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly lastAt: number;
  /** Ids of its described failures. */
  readonly failures: readonly string[];
  readonly summary: Summary | null;
  readonly integrity: string;
}

/** One run of `soakd serve` in a temporary folder, with kills. */
export class KilledRun {
  readonly #folder: string;
  readonly #seed: number;
  readonly #plan: KillPlan;
  readonly #problems: string[] = [];
  readonly #ages: number[] = [];
  /** Ids of the failures that the history had at the last kill. */
  #failures: readonly string[] = [];
  readonly #counters = new CounterWatch();
  readonly #lateness = new Lateness();
  readonly #truths: Truth[] = [];
  /** At each kill: what the simulator had seen by then, and within the time that may be lost. */
  readonly #unseen = { started: 0, ended: 0, chunks: 0, bytes: 0, open: 0 };
  #simulator!: Simulated;
  #program!: Running;
  #port = 0;
  #run = '';
  #over = false;

  constructor(folder: string, seed: number) {
    this.#folder = folder;
    this.#seed = seed;
    this.#plan = killPlan(seed);
  }

  async carryOut(): Promise<KilledRunReport> {
    this.#simulator = await simulate(['--preset=quick', '--seed', String(this.#seed), '--fault=truncate=3%']);
    try {
      this.#port = await freePort();
      await writeFile(join(this.#folder, 'soakd.yaml'), this.#yaml());
      await this.#serve();
      const watching = [this.#watch(() => this.#scrape()), this.#watch(() => this.#ask())];
      try {
        await this.#story();
      } catch (error) {
        const last = this.#program.output.slice(-3000);
        this.#problems.push(`${(error as Error).stack}\n${last}`);
      } finally {
        this.#over = true;
        await Promise.all(watching);
        await this.#program.stop();
      }
      this.#problems.push(...this.#counters.problems);
    } finally {
      this.#lateness.close();
      await this.#simulator.stop();
    }
    const { started } = this.#truths.at(-1)!;
    const { summary, started: known } = this.#kept();
    return {
      seed: this.#seed,
      plan: this.#plan,
      problems: this.#problems,
      ages: this.#ages,
      streams: started,
      unknown: started - known,
      lost: summary?.run.gaps.reduce((sum, { lost }) => sum + lost, 0) ?? 0,
      scrapes: this.#counters.scrapes,
    };
  }

  async #story(): Promise<void> {
    const { kills, set, pause, resume } = this.#plan;
    await this.#get('POST', '/api/v1/runs', { scenario: 'soak' });
    this.#run = (await this.#status()).run!.id;
    for (const [i, { afterMs, downMs }] of kills.entries()) {
      const killAt = Date.now() + afterMs;
      if (i === 0) {
        // A change that is made well before the kill must survive it.
        await sleep(Math.max(0, afterMs - 1600) / 2);
        if (set > 0) await this.#get('PATCH', '/api/v1/runs/current', this.#level(set));
        if (pause) await this.#get('POST', '/api/v1/runs/current/pause');
      }
      await sleep(Math.max(0, killAt - Date.now()));
      const before = await this.#status().catch(() => undefined);
      await this.#kill();
      await sleep(downMs);
      if (this.#plan.changed) await writeFile(join(this.#folder, 'soakd.yaml'), this.#yaml(true));
      await this.#serve(i === kills.length - 1 && !resume ? ['--resume', 'never'] : []);
      await this.#compare(before);
    }
    if (pause && resume && (await this.#status()).state === 'paused')
      await this.#get('POST', '/api/v1/runs/current/resume');
    await poll('end of the run', async () => this.#kept().state === 'finished' || undefined, {
      timeoutMs: 60_000,
      everyMs: 200,
    });
    await poll('end of all streams', () => this.#truths.at(-1)!.active === 0 || undefined);
    await sleep(2 * SCRAPE_MS);
    await this.#scrape();
    this.#judge();
  }

  /** @param isChanged whether it is the configuration after a kill */
  #yaml(isChanged = false): string {
    const { model, warmUpMs, budget } = this.#plan;
    const levels = model === 'closed' ? [8, 16] : [6, 10];
    const unit = model === 'closed' ? 'users' : 'rate';
    const stages = levels.map((n) => `{ ${unit}: ${n}, for: ${STAGE_MS}ms }`).join(', ');
    return `maxMeasurementLag: 10s
targets:
${(isChanged ? ['more', ...TARGETS] : TARGETS).map((name) => `  - { name: ${name}, url: "${this.#simulator.url}/", terminal: "[DONE]" }`).join('\n')}
${isChanged ? 'thresholds: { ttfb-p95: 1234ms }' : ''}
scenarios:
  soak:
    targets: [{ name: a }, { name: b, weight: 2 }]
    seed: ${this.#seed}
    ${model === 'open' ? 'model: open\n    maxUsers: 100' : 'model: closed'}
    ${warmUpMs > 0 ? `warmUp: ${warmUpMs}ms` : ''}
    ${budget > 0 ? `budget: { streams: ${budget} }` : ''}
    stages: [${stages}]
`;
  }

  #level(n: number): object {
    return this.#plan.model === 'closed' ? { users: n } : { rate: n };
  }

  async #serve(more: readonly string[] = []): Promise<void> {
    const file = join(this.#folder, 'soakd.yaml');
    this.#program = soakd(['serve', '--config', file, '--port', String(this.#port), ...more]);
    await this.#program.line(/"msg":"listening"/, 30_000);
  }

  async #kill(): Promise<void> {
    const mayLoseMs = MAX_LOST_MS + this.#lateness.sum(LATENESS_MS);
    const at = Date.now();
    this.#program.kill('SIGKILL');
    await this.#program.ended();
    await this.#ask();
    const now = this.#truths.at(-1)!;
    const then = this.#truths.findLast((truth) => truth.at <= at - mayLoseMs);
    const kept = this.#kept();
    if (kept.integrity !== 'ok') this.#problems.push(`integrity_check: ${kept.integrity}`);
    if (kept.state === 'none') {
      if (then !== undefined && then.started > 0) this.#problems.push('the run is not in the history');
      return;
    }
    if (kept.state === 'finished') return;
    this.#failures = kept.failures;
    const age = at - kept.lastAt;
    this.#ages.push(age);
    if (age > mayLoseMs)
      this.#problems.push(
        `the last record was ${age} ms old, at most ${Math.round(mayLoseMs)} ms are allowed`,
      );
    const { started: unseenBefore } = this.#unseen;
    for (const key of ['started', 'chunks', 'bytes'] as const) {
      const unseen = now[key] - (then?.[key] ?? 0);
      this.#unseen[key] += unseen;
      // The simulator has sent some of it while soakd had not read it.
      if (then !== undefined && key === 'started' && kept.started + unseenBefore < then.started)
        this.#problems.push(
          `kept ${kept.started} streams; the simulator had ${then.started} ${Math.round(mayLoseMs)} ms before`,
        );
    }
    this.#unseen.ended += endedIn(now) - (then === undefined ? 0 : endedIn(then));
    this.#unseen.open += now.active;
    const shown = this.#counters.sum('soak_streams_started_total');
    if (kept.started < shown) this.#problems.push(`kept ${kept.started} streams, /metrics showed ${shown}`);
  }

  /** Compares a run before a kill with the run after the restart. */
  async #compare(before: StatusView | undefined): Promise<void> {
    if (before?.run === null || before === undefined) return;
    const state = await poll('settled run', async () => {
      const status = await this.#status();
      return status.run !== null || this.#kept().state === 'finished' ? status : undefined;
    });
    const { failures } = (await this.#get('GET', '/api/v1/failures?limit=1000')) as Failures;
    const isShown = (id: string): boolean => failures.some((failure) => failure.id === id);
    // Newer ones of this process may have pushed out old ones.
    if (failures.length < 20 && !this.#failures.every(isShown))
      this.#problems.push(`/api/v1/failures lacks some of ${this.#failures.join()} after the restart`);
    if (state.run === null) return;
    const { run } = state;
    if (run.id !== this.#run) this.#problems.push(`run ${run.id} runs in place of ${this.#run}`);
    if (before.state === 'paused' && state.state !== 'paused')
      this.#problems.push(`the run was paused and is ${state.state}`);
    const gap = run.gaps.reduce((sum, g) => sum + Date.parse(g.toAt) - Date.parse(g.fromAt), 0);
    if (before.state === 'running' && state.state === 'running') {
      const planned = Date.parse(run.startedAt) + run.durationMs + gap;
      if (Math.abs(planned - Date.parse(run.plannedEndAt)) > 1)
        this.#problems.push(`planned end ${run.plannedEndAt}, expected ${new Date(planned).toISOString()}`);
      if (run.durationMs !== before.run.durationMs)
        this.#problems.push(`planned ${run.durationMs} ms, before ${before.run.durationMs} ms`);
      const { desired, stage } = run.progress;
      if (
        this.#plan.model === 'closed' &&
        stage === before.run.progress.stage &&
        desired !== before.run.progress.desired
      )
        this.#problems.push(`${desired} users in stage ${stage}, before ${before.run.progress.desired}`);
    }
  }

  #judge(): void {
    const { plan, resume } = { plan: this.#plan, resume: this.#plan.resume };
    const problem = (text: string): void => void this.#problems.push(text);
    const kept = this.#kept();
    const { summary } = kept;
    const truth = this.#truths.at(-1)!;
    if (kept.integrity !== 'ok') problem(`integrity_check at the end: ${kept.integrity}`);
    if (summary === null) {
      problem('the run has no summary');
      return;
    }
    const { run, streams } = summary;
    const gaps = run.gaps.length;
    const killed = this.#ages.length;
    const expected = resume ? killed : killed - 1;
    if (killed > 0 && gaps !== expected) problem(`${gaps} gaps, expected ${expected}`);
    if (!resume && killed > 0 && summary.endReason !== 'process_died')
      problem(`ended as ${summary.verdict} (${summary.endReason})`);
    if (run.events.filter(({ action }) => action === 'gap').length !== gaps) problem('a gap is not an event');
    // The run as a whole: windows of the warm-up, too.
    const shown = (name: string): number => this.#counters.sum(name);
    const lost = run.gaps.reduce((sum, g) => sum + g.lost, 0);
    const counted = shown('soak_streams_started_total');
    const ended = shown('soak_streams_finished_total');
    if (counted !== ended) problem(`${counted} streams started, ${ended} ended`);
    if (counted !== kept.started) problem(`/metrics has ${counted} streams, the windows ${kept.started}`);
    if (resume && kept.ended !== kept.started)
      problem(`the windows have ${kept.started} starts and ${kept.ended} ends`);
    if (shown('soak_chunks_received_total') !== kept.chunks)
      problem(`/metrics has ${shown('soak_chunks_received_total')} chunks, the windows ${kept.chunks}`);
    const warmUp = run.events.find(({ action }) => action === 'warm-up');
    const left = Number(/leave out the (\d+) streams/.exec(warmUp?.detail ?? '')?.[1] ?? 0);
    const finished = Object.values(streams.finished).reduce((sum, n) => sum + n, 0);
    if (resume && finished + left !== ended)
      problem(`the summary has ${finished} streams and ${left} of the warm-up, the counters ${ended}`);
    if (plan.warmUpMs > 0 && resume && warmUp === undefined) problem('the warm-up has no end');
    const within = (what: string, real: number, own: number, most: number): void => {
      if (real - own < 0 || real - own > most)
        problem(`${what}: ${real} in truth, ${own} counted; at most ${most} may be unknown`);
    };
    const { unseen } = { unseen: this.#unseen };
    within('streams', truth.started, counted, unseen.started);
    within('chunks', truth.chunks, kept.chunks, unseen.chunks);
    within('bytes', truth.bytes, kept.bytes, unseen.bytes);
    within('complete streams', truth.finished.complete!, kept.complete, unseen.ended);
    if (lost > unseen.open + unseen.ended) problem(`${lost} lost, ${unseen.open} were open`);
    if (resume && left === 0 && streams.finished.generator_lost !== lost)
      problem(`${streams.finished.generator_lost} streams are generator_lost, the gaps have ${lost}`);
    if (plan.budget > 0 && counted > plan.budget) problem(`${counted} streams, a budget of ${plan.budget}`);
    if (plan.budget > 0 && summary.endReason === 'completed' && counted >= plan.budget)
      problem('the budget was spent, but the run is completed');
    const plannedMs = summary.endReason === 'completed' && !plan.pause ? PLANNED_MS : 0;
    const lastedMs =
      run.lastedMs - run.gaps.reduce((s, g) => s + Date.parse(g.toAt) - Date.parse(g.fromAt), 0);
    if (plannedMs > 0 && (lastedMs < plannedMs - 50 || lastedMs > plannedMs + 8000))
      problem(`the run lasted ${lastedMs} ms without its gaps, planned ${plannedMs} ms`);
  }

  async #watch(look: () => Promise<void>): Promise<void> {
    while (!this.#over) {
      await look().catch(() => {});
      await sleep(SCRAPE_MS);
    }
  }

  async #scrape(): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/metrics`, {
      signal: AbortSignal.timeout(5000),
    });
    const text = await response.text();
    if (response.ok) this.#counters.add(text);
  }

  async #ask(): Promise<void> {
    const truth = await this.#simulator.groundTruth();
    // On a busy machine the answer takes a while: what it counts was sent by now.
    this.#truths.push({ at: Date.now(), ...truth });
  }

  #status(): Promise<StatusView> {
    return this.#get('GET', '/api/v1/status') as Promise<StatusView>;
  }

  async #get(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`, {
      method,
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok && response.status !== 409)
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** Reads the history while soakd may write it. */
  #kept(): Kept {
    const db = new DatabaseSync(join(this.#folder, 'soakd-data/history.db'), {
      readOnly: true,
      timeout: 5000,
    });
    try {
      const reader = new HistoryReader(db);
      const row = db.prepare('SELECT run FROM runs WHERE run = ?').get(this.#run);
      const integrity = String(Object.values(db.prepare('PRAGMA integrity_check').get()!)[0]);
      const none = {
        started: 0,
        ended: 0,
        complete: 0,
        chunks: 0,
        bytes: 0,
        lastAt: 0,
        failures: [],
        summary: null,
      };
      if (row === undefined) return { state: 'none', integrity, ...none };
      const { targets, record } = reader.layout(this.#run);
      const { layout } = restoreLayout(targets, record);
      const windows = reader.windows(this.#run, { width: 10_000, limit: 1000 });
      const views = windows.map(({ values }) => new StreamView(layout, values));
      const sum = (read: (view: StreamView) => number): number =>
        views.reduce((all, view) => all + read(view), 0);
      const { state, summary, failures } = reader.show(this.#run);
      return {
        state,
        integrity,
        started: sum((view) => view.total('started')),
        ended: sum((view) => Object.values(view.allResults()).reduce((all, n) => all + n, 0)),
        complete: sum((view) => view.total('finished:complete')),
        chunks: sum((view) => view.total('chunks')),
        bytes: sum((view) => view.total('bytes')),
        lastAt: reader.lastWindow(this.#run)?.toAt ?? 0,
        failures: failures.map(({ id }) => id),
        summary: summary as Summary | null,
      };
    } finally {
      db.close();
    }
  }
}

interface Failures {
  readonly failures: readonly { readonly id: string }[];
}

interface StatusView {
  readonly state: string;
  readonly run: {
    readonly id: string;
    readonly startedAt: string;
    readonly plannedEndAt: string;
    readonly durationMs: number;
    readonly gaps: readonly { readonly fromAt: string; readonly toAt: string; readonly lost: number }[];
    readonly progress: { readonly desired: number; readonly stage: number };
  } | null;
}

function endedIn(truth: Truth): number {
  return Object.values(truth.finished).reduce((sum, n) => sum + n, 0);
}
