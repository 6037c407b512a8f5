import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertHealthy } from '../../support/healthy.ts';
import { needs } from '../../support/needs.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { serve } from '../../support/service.ts';
import { startTarget } from '../../support/targets.ts';

describe("the report's server: Django under Uvicorn", { skip: needs('prometheus', 'python-venv') }, () => {
  it('50 users, a minute: TTFB near 1.1 s while headers are near 0', async () => {
    const django = await startTarget('django-asgi');
    const service = await serve(`
targets:
  - { name: django, url: "${django.url}", terminal: "[DONE]", expect: seed }
scenarios:
  soak: { target: django, stages: [{ users: 50, for: 60s }] }
`);
    const prometheus = await startPrometheus({ scrape: service.port });
    try {
      await prometheus.scraped();
      assert.equal((await service.startRun('soak')).status, 201);
      const summary = await service.finished(180_000);
      await prometheus.scraped();
      const { started, finished } = summary.streams;
      assert.ok(started >= 50, `${started} streams`);
      assert.equal(finished.complete, started, JSON.stringify(finished));
      assertHealthy(summary as never);

      const mean = (name: string) =>
        prometheus.queryValue(`soak_stream_${name}_seconds_sum / soak_stream_${name}_seconds_count`);
      const [ttfb, headers] = [await mean('ttfb'), await mean('headers')];
      assert.ok(ttfb > 1.09 && ttfb < 1.5, `TTFB ${ttfb} s`);
      assert.ok(headers < 0.3 && headers < ttfb / 4, `headers ${headers} s`);
      assert.equal(await prometheus.queryValue('soak_streams_finished_total{outcome="complete"}'), started);
      assert.equal(await prometheus.queryValue('soak_chunks_received_total'), summary.chunks);
      const chunks = summary.chunks / started;
      assert.ok(chunks > 300 && chunks < 520, `${chunks} chunks an answer`);
    } finally {
      await prometheus.stop();
      await service.stop();
      await django.stop();
    }
  });
});
