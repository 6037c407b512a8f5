import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { needs } from '../../support/needs.ts';
import { soakd } from '../../support/process.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { Restartable } from '../../support/restartable.ts';
import { simulate } from '../../support/simulator.ts';

const RUN_S = 95;
/** The threshold is crossed after a minute: the first kill is before that, the second one after it. */
const KILLS = [
  { afterS: 30, downMs: 2500 },
  { afterS: 45, downMs: 0 },
];

describe('a real Prometheus over kills and resumes', { skip: needs('prometheus') }, () => {
  it('sees no counter reset, and its alert and the threshold of soakd continue', async () => {
    const simulator = await simulate(['--preset=quick', '--fault=truncate=3%']);
    const service = await Restartable.create(`
targets: [{ name: app, url: "${simulator.url}/", terminal: "[DONE]", thresholds: { concurrency-hard: 10 } }]
scenarios: { soak: { target: app, stages: [{ users: 20, for: ${RUN_S}s }] } }
`);
    const rules = join(service.folder, 'rules');
    const exported = soakd(['export', 'rules', '-c', join(service.folder, 'soakd.yaml'), '--out', rules]);
    assert.equal((await exported.ended()).code, 0, exported.output);
    const configFile = join(service.folder, 'prometheus.yml');
    await writeFile(
      configFile,
      `global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: ['${rules}/*.yml']
scrape_configs: [{ job_name: soak, static_configs: [{ targets: ['127.0.0.1:${service.port}'] }] }]
`,
    );
    await service.start();
    const prometheus = await startPrometheus({ configFile });
    try {
      await prometheus.scraped();
      const from = Date.now() / 1000;
      await service.send('POST', '/api/v1/runs', { scenario: 'soak' });
      for (const { afterS, downMs } of KILLS) {
        await sleep(afterS * 1000);
        await service.kill();
        await sleep(downMs);
        await service.start();
      }
      const summary = await service.finished(60_000);
      await prometheus.scraped();
      const to = Date.now() / 1000;
      const span = `${Math.ceil(to - from) + 5}s`;

      const all = await prometheus.query(
        'count by (__name__) ({__name__=~"soak_.+_(total|bucket|count|sum)"})',
      );
      assert.ok(all.length > 20, `${all.length} metrics`);
      for (const { labels } of all) {
        const resets = await prometheus.query(`resets(${labels.__name__}[${span}]) > 0`);
        assert.deepEqual(
          resets.map((series) => [labels.__name__, series.labels, series.value]),
          [],
        );
      }
      // Each counter continues from what it was: what Prometheus has at the end is what the run has counted.
      const value = (promql: string): Promise<number> => prometheus.queryValue(promql);
      assert.equal(await value('sum(soak_streams_started_total)'), summary.streams.started);
      assert.equal(await value('sum(soak_streams_finished_total)'), summary.streams.started);
      assert.equal(await value('soak_run_resumes_total'), 2);
      assert.equal(await value(`changes(soak_run_resumes_total[${span}])`), 2);
      // A window with two gaps has the whole increase: nothing is counted twice.
      const increase = await value(`sum(increase(soak_streams_started_total[${span}]))`);
      assert.ok(increase < summary.streams.started * 1.1, `${increase} of ${summary.streams.started}`);

      const states = await prometheus.queryRange(
        'soak_threshold_state{threshold="concurrency-hard"}',
        from,
        to - 2,
        1,
      );
      // No data before the first evaluation; what is inconclusive in between neither begins nor ends a crossing.
      const seen = states[0]!.values.filter((v) => v <= 1).filter((v, i, all) => v !== all[i - 1]);
      assert.deepEqual(seen, [0, 1, 0].slice(0, seen.length));
      assert.ok(seen.includes(1), `states ${seen.join(' ')}`);
      const crossed = states[0]!.values.indexOf(1);
      assert.ok(crossed >= 58 && crossed <= 75, `crossed after ${crossed} s, with the gap`);

      const alert = 'ALERTS{alertname="SoakConcurrencyHigh",severity="critical",alertstate="firing"}';
      const [firing] = await prometheus.queryRange(alert, from, to, 1);
      assert.ok(firing !== undefined, 'the alert fires');
      const pending = await prometheus.queryRange(alert.replace('firing', 'pending'), from, to, 1);
      assert.equal(pending.length, 1);
      const since = await value(
        `changes(ALERTS_FOR_STATE{alertname="SoakConcurrencyHigh",severity="critical"}[${span}])`,
      );
      assert.equal(since, 0, 'it is pending once, and not again after a kill');
    } finally {
      await prometheus.stop();
      await service.stop();
      await simulator.stop();
    }
  });
});
