import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TARGET_COLUMNS } from '../../src/history/window-row.ts';
import { WINDOWS_QUERY } from '../../src/http/schema/requests.ts';
import { bandsOf, marksOf, overlaid, type PlotSource, plotsOf } from '../../src/web/plot-model.ts';
import { COLUMNS, mergeWindows, widthFor } from '../../src/web/windows.ts';
import { START_MS, targetWindow, windowOf } from './samples.ts';

const HOUR = 3_600_000;
const seconds = (n: number): number => START_MS / 1000 + n;
const source = (of: Partial<PlotSource> = {}): PlotSource => ({
  windows: [0, 1].map((n) => windowOf(n, [targetWindow('a'), targetWindow('b', { p95: 300 })])),
  targets: ['a', 'b'],
  chosen: null,
  limits: [],
  ...of,
});
const plot = (id: string, of: Partial<PlotSource> = {}) => plotsOf(source(of)).find((p) => p.id === id)!;

describe('plots', () => {
  it('have a line for each target, and sums of all', () => {
    assert.deepEqual(
      plot('ttfb').series.map(({ label, values }) => [label, values]),
      [
        ['a p95', [100, 100]],
        ['b p95', [300, 300]],
      ],
    );
    assert.deepEqual(
      plot('streams').series.map(({ values }) => values),
      [
        [8, 8],
        [10, 10],
      ],
    );
  });

  it('have the quantiles of one target', () => {
    const { series } = plot('ttfb', { chosen: 'b' });
    assert.deepEqual(
      series.map(({ label }) => label),
      ['p50', 'p95', 'p99'],
    );
    assert.deepEqual(series[1]!.values, [300, 300]);
    assert.deepEqual(plot('streams', { chosen: 'b' }).series[0]!.values, [4, 4]);
  });

  it('have no open streams in a window that has just begun', () => {
    const begun = windowOf(1, [targetWindow('a')]);
    const toAt = new Date(Date.parse(begun.fromAt) + 500).toISOString();
    const windows = [windowOf(0, [targetWindow('a')]), { ...begun, toAt }];
    assert.deepEqual(plot('streams', { windows, targets: ['a'] }).series[0]!.values, [4, null]);
  });

  it('break their lines where windows are missing', () => {
    const windows = [windowOf(0, [targetWindow('a')]), windowOf(9, [targetWindow('a')])];
    const { times, series } = plot('ttfb', { windows, targets: ['a'] });
    assert.deepEqual(times, [seconds(5), seconds(50), seconds(95)]);
    assert.deepEqual(series[1]!.values, [100, null, 100]);
  });

  it('draw each limit once, with the statistics that have it', () => {
    const limits = [
      ['ttfb-p95', 'a', 2500],
      ['ttfb-p50', 'a', 2500],
      ['ttfb-p95', 'b', 900],
      ['success-rate', 'a', 0.99],
    ].map(([threshold, target, limit]) => ({
      threshold: String(threshold),
      target: String(target),
      limit: Number(limit),
      unit: threshold === 'success-rate' ? 'ratio' : 'ms',
    }));
    assert.deepEqual(plot('ttfb', { limits }).limits, [
      { value: 2500, label: 'limit p95, p50' },
      { value: 900, label: 'limit p95' },
    ]);
    assert.deepEqual(plot('ttfb', { limits, chosen: 'b' }).limits, [{ value: 900, label: 'limit p95' }]);
    assert.deepEqual(plot('success', { limits }).limits, [{ value: 0.99, label: 'limit rate' }]);
  });

  it('show failures by outcome, the commonest first', () => {
    const windows = [windowOf(0, [targetWindow('a', { failed: 30, finished: { reset: 10, stalled: 20 } })])];
    assert.deepEqual(
      plot('outcomes', { windows, targets: ['a'] }).series.map(({ label, values }) => [label, values]),
      [
        ['stalled', [2]],
        ['reset', [1]],
      ],
    );
  });

  it('have bands for unreliable windows in a row, gaps and pauses', () => {
    const windows = [0, 1, 2, 3].map((n) => windowOf(n, [], n === 1 || n === 2 ? 1 : 0));
    const iso = (n: number) => new Date((START_MS / 1000 + n) * 1000).toISOString();
    const event = (action: 'pause' | 'resume', n: number) => ({
      at: iso(n),
      action,
      by: 'local',
      detail: '',
    });
    const gaps = [{ fromAt: iso(12), toAt: iso(13), lost: 1 }];
    assert.deepEqual(bandsOf(windows, gaps, [event('pause', 5), event('resume', 8), event('pause', 30)]), [
      { kind: 'unreliable', from: seconds(10), to: seconds(30) },
      { kind: 'gap', from: seconds(12), to: seconds(13) },
      { kind: 'paused', from: seconds(5), to: seconds(8) },
      { kind: 'paused', from: seconds(30), to: seconds(40) },
    ]);
    assert.equal(marksOf([event('pause', 5)])[0]!.text, 'pause (local): ');
  });

  it('lie over each other from the start of each run', () => {
    const later = [0, 1].map((n) => ({ ...windowOf(n + 100, [targetWindow('a', { p95: 200 })]), n }));
    const [a, b] = [source({ chosen: 'a' }), source({ windows: later, targets: ['a'] })].map(plotsOf);
    const ttfb = overlaid(a!, b!).find((p) => p.id === 'ttfb')!;
    assert.deepEqual(ttfb.times, [0, 10]);
    assert.deepEqual(
      ttfb.series.map(({ label, values }) => [label, values]),
      [
        ['A: p95', [100, 100]],
        ['B: p95', [200, 200]],
      ],
    );
  });
});

describe('windows of the page', () => {
  it('have a width with which a run has a bounded number of points', () => {
    assert.equal(widthFor(HOUR), '10s');
    assert.equal(widthFor(8 * HOUR), '1m');
    assert.equal(widthFor(24 * HOUR), '10m');
  });

  it('replace the open window, and keep their order', () => {
    const [first, second, again] = [windowOf(0, []), windowOf(1, []), windowOf(1, [targetWindow('a')])];
    assert.deepEqual(mergeWindows([first], [second]), [first, second]);
    assert.deepEqual(mergeWindows([first, second], [again]), [first, again]);
    assert.deepEqual(mergeWindows([second], [first]), [first, second]);
  });

  it('have columns that the API knows and takes', () => {
    const names = new Set(TARGET_COLUMNS.map(({ name }) => name));
    assert.deepEqual(
      COLUMNS.filter((name) => !names.has(name)),
      [],
    );
    const { columns } = WINDOWS_QUERY.properties as { columns: { maxLength: number } };
    assert.ok(COLUMNS.join(',').length <= columns.maxLength);
  });
});
