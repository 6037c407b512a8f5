import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { OUTCOMES } from '../../src/core/outcome.ts';
import type { Run } from '../../src/core/run.ts';
import { Engine } from '../../src/load/engine.ts';
import { summarize } from '../../src/report/summary.ts';
import { summaryText } from '../../src/report/text.ts';
import { Runner } from '../../src/run/runner.ts';
import { setupOf } from '../../src/run/setup.ts';
import { PrometheusExporter } from '../../src/sink/prometheus/exporter.ts';
import { closed, planOf, streamTarget } from '../../support/load/samples.ts';
import { poll } from '../../support/poll.ts';
import { FACTS, HISTORY } from '../../support/report/samples.ts';
import { configOf, target } from '../../support/run/samples.ts';
import { Scrape } from '../../support/service.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';

const USERS = 200;
const ENTRY = new URL('../load/mortal-entry.ts', import.meta.url);

describe('a run one of whose two engine threads dies', () => {
  let simulator: Simulated;
  before(async () => {
    simulator = await simulate(['--preset=quick']);
  });
  after(() => simulator.stop());

  it('continues with all its users, loses no count, and is judged by what users felt', async () => {
    const channel = new BroadcastChannel('mortal-engine-threads');
    const setup = setupOf(configOf([target('simulator', { terminal: { kind: 'data', data: '[DONE]' } })]));
    const errors: string[] = [];
    const exporter: PrometheusExporter = new PrometheusExporter({
      build: { version: '0', revision: '', nodeVersion: '' },
      targets: [{ name: 'simulator', labels: {} }],
      timingLimits: setup.timingLimits,
      logMessages: () => 0,
      reloads: () => ({ successful: true, successAt: 0 }),
      workerRestarts: () => runner.workerRestarts,
      idle: {
        atMs: 0,
        layout: setup.layout,
        values: new Float64Array(setup.layout.size),
        desired: [0],
      },
    });
    const runner: Runner = new Runner({
      setup,
      openEngine: (plan, layout, events) => Engine.open(plan, 2, layout, events, { entry: ENTRY }),
      sinks: [exporter],
      log: { info() {}, warn() {}, error: (facts, text) => errors.push(`${text} ${JSON.stringify(facts)}`) },
    });

    /** Every counter of soakd's own, and buckets and sums, which count too. */
    const last = new Map<string, number>();
    const scrape = async (): Promise<Scrape> => {
      const text = await exporter.scrape();
      for (const line of text.split('\n')) {
        const match = /^(soak_\S*(?:_total|_bucket|_count|_sum)(?:\{.*\})?) (\S+)$/.exec(line);
        if (match === null) continue;
        const [, series, value] = match as unknown as [string, string, string];
        assert.ok(Number(value) >= (last.get(series) ?? 0), `${series} fell to ${value}`);
        last.set(series, Number(value));
      }
      const seen = new Scrape(text);
      assert.equal(
        seen.sum('soak_streams_started_total'),
        seen.sum('soak_streams_finished_total') + seen.sum('soak_streams_active'),
      );
      return seen;
    };
    const full = (what: string) =>
      poll(what, async () => {
        const seen = await scrape();
        return seen.sum('soak_streams_active') >= USERS - 10 ? seen : undefined;
      });

    try {
      assert.equal((await scrape()).sum('soak_worker_restarts_total'), 0);
      const scenario = closed({
        targets: [{ name: 'simulator', weight: 1 }],
        stages: [{ shape: 'hold', level: USERS, durationMs: 60_000 }],
      });
      const { port } = simulator;
      const there = streamTarget('simulator', {
        port,
        format: 'sse',
        terminal: { kind: 'data', data: '[DONE]' },
        contentTypes: ['text/event-stream'],
      });
      const run: Run = await runner.start('test', async () => ({
        ...planOf(scenario, [there]),
        counted: setup.counted,
        timingLimits: setup.timingLimits,
        allow: ['127.0.0.0/8'],
      }));
      assert.equal(run.state, 'running');
      const { result } = runner;
      await full('all users');
      channel.postMessage({ index: 1 });
      const dead = await poll('a death', async () => {
        const seen = await scrape();
        return seen.sum('soak_streams_finished_total', 'outcome="generator_lost"') > 0 ? seen : undefined;
      });
      const lost = dead.sum('soak_streams_finished_total', 'outcome="generator_lost"');
      assert.ok(lost > 50 && lost <= USERS / 2, `${lost} lost`);
      assert.equal(dead.sum('soak_worker_restarts_total'), 1);
      const again = await full('all users again');
      assert.equal(again.sum('soak_streams_desired'), USERS);
      assert.equal(runner.run?.state, 'running');

      // On to the end of the plan.
      runner.control({ action: 'skip' }, 'test');
      const over = (await result)!;
      const end = await scrape();
      assert.equal(end.sum('soak_streams_active'), 0);
      assert.equal(end.sum('soak_worker_restarts_total'), 1);
      const summary = summarize(over, { examples: () => [] }, FACTS, HISTORY);
      // Nothing is known of the timings of the time in which it was gone; of success all is.
      assert.ok(summary.measurementQuality.unreliable >= 1, JSON.stringify(summary.measurementQuality));
      assert.equal(summary.endReason, 'completed');
      for (const { threshold, result } of summary.thresholds) {
        if (threshold === 'success-rate') assert.equal(result, 'pass');
        else assert.match(result, /^(pass|inconclusive)$/);
      }
      assert.equal(summary.generator.workerRestarts, 1);
      assert.match(summaryText(summary), /an engine thread died and was replaced/);
      const { started, finished } = summary.streams;
      assert.deepEqual(
        OUTCOMES.filter((o) => finished[o] > 0),
        ['complete', 'generator_lost'],
      );
      assert.equal(finished.generator_lost, lost);
      assert.match(errors.join('\n'), /engine thread died; restarted .*dies as asked/);
      // What the simulator has seen: no stream twice, and what was lost broke off there.
      const truth = await simulator.groundTruth();
      assert.ok(truth.finished.complete! >= finished.complete, 'the simulator completed fewer');
      assert.ok(truth.started <= started && truth.started >= started - lost);
    } finally {
      channel.close();
      if (runner.run?.state === 'running') runner.stop('stopped', 0);
      await runner.result;
      exporter.close();
    }
  });
});
