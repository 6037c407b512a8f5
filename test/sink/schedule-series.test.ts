import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { streamLayout } from '../../src/catalog/slots.ts';
import { type ExportedSchedule, PrometheusExporter } from '../../src/sink/prometheus/exporter.ts';
import { readScrape } from './scrape.ts';

const NEXT = 'soak_schedule_next_timestamp_seconds';
const SUCCESS = 'soak_schedule_last_success_timestamp_seconds';
const SKIPPED = 'soak_schedule_skipped_total';

describe('series of schedules', () => {
  let exporter: PrometheusExporter | undefined;
  afterEach(() => exporter?.close());

  it('are those that are configured now, in seconds, and 0 before the first start', async () => {
    const layout = streamLayout(['a'], {});
    let schedules: readonly ExportedSchedule[] = [];
    exporter = new PrometheusExporter({
      build: { version: '1.2.3', revision: 'abc', nodeVersion: 'v24.0.0' },
      targets: [{ name: 'a', labels: { region: 'eu' } }],
      timingLimits: {},
      logMessages: () => 0,
      reloads: () => ({ successful: true, successAt: 0 }),
      schedules: () => schedules,
      idle: { atMs: 0, layout, values: new Float64Array(layout.size), desired: [0] },
    });
    const scrape = async () => readScrape(await exporter!.scrape());

    assert.deepEqual((await scrape()).all(NEXT), []);

    schedules = [
      { name: 'nightly', nextAt: 1_800_000_000_000, lastStartedAt: null, skipped: 0 },
      { name: 'hourly', nextAt: 1_800_000_000_500, lastStartedAt: 1_799_999_999_250, skipped: 3 },
    ];
    const both = await scrape();
    const labels = { schedule: 'nightly' };
    assert.deepEqual(both.all(NEXT), [
      { name: NEXT, labels, value: 1_800_000_000 },
      { name: NEXT, labels: { schedule: 'hourly' }, value: 1_800_000_000.5 },
    ]);
    assert.deepEqual(both.all(SUCCESS, labels), [{ name: SUCCESS, labels, value: 0 }]);
    assert.deepEqual(both.all(SKIPPED, labels), [{ name: SKIPPED, labels, value: 0 }]);
    assert.equal(both.value(SUCCESS, { schedule: 'hourly' }), 1_799_999_999.25);
    assert.equal(both.value(SKIPPED, { schedule: 'hourly' }), 3);
    assert.deepEqual([both.types.get(NEXT), both.types.get(SKIPPED)], ['gauge', 'counter']);

    schedules = schedules.slice(1);
    const left = (await scrape()).all(SKIPPED);
    assert.deepEqual(
      left.map((s) => s.labels.schedule),
      ['hourly'],
    );
  });
});
