/** Five targets, three levels: every number by target and level, against a real Prometheus and what the targets sent. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { summaryText } from '../../src/report/text.ts';
import type { TargetSummary } from '../../src/schema/streams-summary.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { needs } from '../../support/needs.ts';
import { freePort } from '../../support/ports.ts';
import { type Prometheus, startPrometheus } from '../../support/prometheus.ts';
import { serve } from '../../support/service.ts';
import { type Simulated, simulate } from '../../support/simulator.ts';
import { schemaFaults } from '../../support/summary-schema.ts';

const LEVELS = [10, 30, 60];
const LEVEL_S = 12;
const ANSWER = ['--gap=20ms', '--chunks=30'];
const LEVEL_KEYS = ['started', 'active', 'dropped'] as const;

describe('a run of five targets and three levels', { skip: needs('prometheus') }, () => {
  it('tells by target and level what Prometheus and the simulators know', async () => {
    const healthy = ['good', 'fine', 'slow'] as const;
    const simulators = await Promise.all([
      simulate([...ANSWER, '--ttfb=50ms']),
      simulate([...ANSWER, '--ttfb=50ms']),
      simulate([...ANSWER, '--ttfb=3s']),
    ]);
    let flapping: Simulated = await simulate([...ANSWER, '--ttfb=50ms']);
    const urls = { good: simulators[0].url, fine: simulators[1].url, slow: simulators[2].url };
    const all = { ...urls, dead: `http://127.0.0.1:${await freePort()}`, flapping: flapping.url };
    const service = await serve(`
targets:
${Object.entries(all)
  .map(
    ([name, url]) => `  - { name: ${name}, url: "${url}/", terminal: "[DONE]", timeouts: { connect: 2s } }`,
  )
  .join('\n')}
scenarios:
  levels:
    targets: [${Object.keys(all)
      .map((name) => `{ name: ${name} }`)
      .join(', ')}]
    stages: [{ shape: steps, users: [${LEVELS.join(', ')}], for: ${LEVELS.length * LEVEL_S}s }]
`);
    const prometheus = await startPrometheus({ scrape: service.port });
    try {
      await prometheus.scraped();
      await service.startRun('levels');
      await sleep(LEVEL_S * 1000 + 3000);
      await flapping.stop();
      await sleep(5000);
      flapping = await simulate([...ANSWER, '--ttfb=50ms'], flapping.port);
      const summary = (await service.finished(120_000)) as unknown as Summary;
      await prometheus.scraped();

      assert.deepEqual(await schemaFaults(summary), []);
      assert.deepEqual(
        summary.levels.map((l) => l.users?.to),
        LEVELS,
      );
      for (const [i, name] of healthy.entries()) {
        const truth = await simulators[i]!.groundTruth();
        const target = summary.targets.find((t) => t.name === name)!;
        const { started, finished } = target.streams;
        assert.deepEqual([started, finished.complete], [truth.started, truth.finished.complete], name);
        assert.deepEqual(
          [target.chunks, target.bytes, target.contentCharacters],
          [truth.chunks, truth.bytes, truth.characters],
          name,
        );
      }
      addsUp(summary);
      isTimed(summary);
      await agrees(summary, prometheus);

      assert.equal(summary.verdict, 'fail');
      const dead = summary.targets.find((t) => t.name === 'dead')!;
      assert.deepEqual([dead.verdict, dead.heldUpTo, dead.notHeldFrom?.users], ['fail', null, LEVELS[0]]);
      assert.equal(dead.notHeldFrom!.startedAt, summary.levels[0]!.startedAt);
      const userMs = summary.loadDelivered.perTarget.find((t) => t.target === 'dead')!.userMs;
      assert.ok(dead.backoffMs > 0 && dead.backoffMs <= userMs, `${dead.backoffMs} of ${userMs}`);
      for (const level of summary.levels)
        assert.ok(level.measurementQuality.windows <= level.lastedMs / 5000 + 1.5, 'windows by level');
      const text = summaryText(summary);
      assert.ok(text.split('\n').length <= 60, text);
      assert.match(text, /on slow; at every level, of which the first began at \d\d:\d\d:\d\d\n/);
      assert.match(text, /- dead served nothing during the whole run: [\d,]+ connect_error\n/);
      assert.match(text, /- flapping was down for [4-9](\.\d+)?s, /);
      assert.equal(summary.outages.filter((o) => o.target === 'flapping').length, 1);
      assert.ok(!summary.outages.some((o) => (healthy as readonly string[]).includes(o.target)));
    } finally {
      await prometheus.stop();
      await service.stop();
      await Promise.all([...simulators, flapping].map((s) => s.stop()));
    }
  });
});

/** Of each target the time up, down and unknown adds up to each level and to the run, and the last level ends with the run. */
function isTimed(summary: Summary): void {
  assert.equal(summary.levels.at(-1)!.endedAt, summary.run.endedAt);
  const isAbout = ({ availability: { upMs, downMs, unknownMs } }: TargetSummary, lastedMs: number): void => {
    // The program may be interrupted between the reads of two clocks.
    assert.ok(Math.abs(upMs + downMs + unknownMs - lastedMs) < 100, `${upMs} + ${downMs} + ${unknownMs}`);
  };
  for (const level of summary.levels) for (const target of level.targets) isAbout(target, level.lastedMs);
  for (const target of summary.targets) isAbout(target, summary.run.measuredMs);
}

/** Levels add up to targets, and targets to the total. */
function addsUp(summary: Summary): void {
  for (const key of ['chunks', 'reads', 'bytes'] as const) {
    const sum = (parts: readonly { readonly [K in typeof key]: number }[]) =>
      parts.reduce((n, part) => n + part[key], 0);
    assert.equal(sum(summary.levels), summary[key], key);
    assert.equal(sum(summary.targets), summary[key], key);
  }
  const total = (of: (level: Summary['levels'][number]) => number) =>
    summary.levels.reduce((n, level) => n + of(level), 0);
  assert.equal(
    total((l) => l.streams.started),
    summary.streams.started,
  );
  assert.equal(
    total((l) => l.ttfbMs.count),
    summary.ttfbMs.count,
  );
  for (const { name, ttfbMs } of summary.targets) {
    const counts = summary.levels.map((l) => l.targets.find((t) => t.name === name)!.ttfbMs.count);
    assert.equal(
      counts.reduce((a, b) => a + b, 0),
      ttfbMs.count,
      name,
    );
  }
  for (const level of summary.levels)
    for (const key of LEVEL_KEYS)
      assert.equal(
        level.targets.reduce((n, t) => n + t.streams[key], 0),
        level.streams[key],
        key,
      );
}

/**
 * Prometheus scrapes once a second and a level ends between two scrapes: what was counted up to its end lies between
 * what Prometheus saw before and after it. At the end of the run both are equal.
 */
async function agrees(summary: Summary, prometheus: Prometheus): Promise<void> {
  const series = [
    ['soak_streams_started_total', (t: TargetSummary) => t.streams.started],
    ['soak_chunks_received_total', (t: TargetSummary) => t.chunks],
    ['soak_stream_ttfb_seconds_count', (t: TargetSummary) => t.ttfbMs.count],
    ['soak_streams_finished_total{outcome="complete"}', (t: TargetSummary) => t.streams.finished.complete],
    ['soak_target_down_seconds_total', (t: TargetSummary) => t.availability.downMs / 1000],
  ] as const;
  for (const { name } of summary.targets)
    for (const [metric, of] of series) {
      const selector = metric.includes('{')
        ? metric.replace('}', `,target="${name}"}`)
        : `${metric}{target="${name}"}`;
      let counted = 0;
      for (const level of summary.levels.slice(0, -1)) {
        counted += of(level.targets.find((t) => t.name === name)!);
        const endS = Date.parse(level.endedAt) / 1000;
        const before = await prometheus.queryValue(selector, endS - 0.1);
        // A second is shown once the next one is over, and the history has it.
        const after = await prometheus.queryValue(selector, endS + 4);
        assert.ok(
          before <= counted + 1e-6 && counted <= after + 1e-6,
          `${selector}: ${before} ≤ ${counted} ≤ ${after}`,
        );
      }
      const target = summary.targets.find((t) => t.name === name)!;
      assert.ok(Math.abs((await prometheus.queryValue(selector)) - of(target)) < 1e-6, selector);
    }
  // A limit is an exact edge: the share over 2.5 s of one target at one level.
  const level = summary.levels[1]!;
  const slow = level.targets.find((t) => t.name === 'slow')!;
  assert.ok(slow.ttfbMs.p50! > 2500 && slow.ttfbMs.p50! < 3600, `${slow.ttfbMs.p50}`);
}
