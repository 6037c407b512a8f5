import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTCOMES } from '../../src/core/outcome.ts';
import { needs } from '../support/needs.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { serve } from '../support/service.ts';
import { simulate } from '../support/simulator.ts';

/** What soakd calls an outcome that the simulator knows by another name. */
const SAME = ['http_error', 'inband_error', 'truncated', 'reset', 'stalled'] as const;

describe('a soak of the simulator, seen by a real Prometheus', { skip: needs('prometheus') }, () => {
  it('60 s at 200 users: PromQL = summary = ground truth, in streams, outcomes and chunks', async () => {
    const simulator = await simulate([
      '--preset=seed',
      ...['http503=1%', 'inbandError=1%', 'truncate=1%', 'reset=1%', 'stall=0.5%'].map((f) => `--fault=${f}`),
    ]);
    const service = await serve(`
targets:
  - { name: simulator, url: "${simulator.url}/", terminal: "[DONE]", timeouts: { idle: 5s, total: 120s } }
scenarios:
  soak: { target: simulator, stages: [{ users: 200, for: 60s }] }
`);
    const prometheus = await startPrometheus({ scrape: service.port });
    try {
      await prometheus.scraped();
      assert.equal(await prometheus.queryValue('soak_run_active'), 0);
      assert.equal((await service.startRun('soak')).status, 201);
      assert.equal((await service.startRun('soak')).status, 409, 'one run at a time');
      const summary = await service.finished(240_000);
      await prometheus.scraped();

      const truth = await simulator.groundTruth();
      assert.equal(truth.active, 0, 'the simulator holds nothing any more');
      assert.ok(summary.streams.started > 300, `${summary.streams.started} streams`);
      assert.equal(summary.streams.started, truth.started);
      assert.equal(summary.streams.active, 0);
      assert.equal(summary.streams.finished.complete, truth.finished.complete);
      for (const outcome of SAME) {
        assert.equal(summary.streams.finished[outcome], truth.finished[outcome], outcome);
      }
      assert.equal(summary.chunks, truth.chunks);
      assert.equal(summary.bytes, truth.bytes);
      assert.equal(summary.contentCharacters, truth.characters);

      const value = (promql: string) => prometheus.queryValue(promql);
      assert.equal(await value('soak_streams_started_total'), truth.started);
      for (const outcome of OUTCOMES) {
        const seen = await value(`soak_streams_finished_total{outcome="${outcome}"}`);
        assert.equal(seen, summary.streams.finished[outcome], outcome);
      }
      assert.equal(await value('sum(soak_streams_finished_total)'), truth.started);
      assert.equal(await value('sum(soak_streams_active)'), 0);
      assert.equal(await value('soak_chunks_received_total'), truth.chunks);
      assert.equal(await value('soak_received_bytes_total'), truth.bytes);
      assert.equal(await value('soak_content_characters_total'), truth.characters);
      assert.equal(await value('soak_reads_total'), summary.reads);
      assert.equal(
        await value('soak_stream_ttfb_seconds_count'),
        (summary.ttfbMs as { count: number }).count,
      );
      // Every chunk with content but the first of a stream has a gap; [DONE] and events named error have none.
      const gaps = (summary.gapMs as { count: number }).count;
      const { complete, inband_error: failed } = summary.streams.finished;
      assert.equal(gaps, summary.chunks - complete! - failed! - (summary.ttftMs as { count: number }).count);
      assert.equal(await value('soak_stream_chunk_gap_seconds_count'), gaps);
      assert.equal(await value('soak_run_active'), 0);
      // Started, stopped by the plan, and seen while it ran.
      assert.equal(await value('max_over_time(soak_run_active[10m])'), 1);
      assert.equal(await value('max_over_time(soak_streams_desired[10m])'), 200);
      assert.equal(await value('sum(soak_runs_total)'), 1);
    } finally {
      await prometheus.stop();
      await service.stop();
      await simulator.stop();
    }
  });
});
