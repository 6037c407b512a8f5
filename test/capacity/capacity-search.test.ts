import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CapacitySearch } from '../../src/capacity/capacity-search.ts';
import { countedThresholds } from '../../src/capacity/counted.ts';
import type { SearchOptions } from '../../src/capacity/search.ts';
import type { Control } from '../../src/core/control.ts';
import { SoakError } from '../../src/core/errors.ts';
import type { Run } from '../../src/core/run.ts';
import { observe } from '../../support/core/observe.ts';
import { configOf, finishedRun, LAYOUT, target } from '../../support/run/samples.ts';

const CONFIG = configOf([
  target('a', {
    thresholds: [
      { id: 'ttfb-p95', limit: 1234 },
      { id: 'duration-mean', limit: 'off' },
    ],
  }),
]);
const SCENARIO = { name: 'demo', targets: [{ name: 'a', weight: 1 }] };
const SEARCH: SearchOptions = { from: 10, most: 1000, precision: 0.05, maxSteps: 12, whole: true };

interface World {
  readonly search?: Partial<SearchOptions>;
  readonly model?: 'closed' | 'open';
  /** Users above which a stream waits 3 s in place of 50 ms for its first byte. */
  readonly knee?: number;
  /** Share of streams that fail. */
  readonly failing?: (load: number) => number;
  /** p99 of the lag of the generator at a load, ms. */
  readonly lagMs?: (load: number) => number;
  readonly maxTimeMs?: number;
  /** Seconds after which the run ends by itself. */
  readonly endsAfterS?: number;
  /** Seconds in which the target pauses. */
  readonly paused?: readonly number[];
}

/** Carries a search out on made counters: every stream takes a second, so each user ends one a second. */
function carriedOut({ search = {}, model = 'closed', knee = 30, ...world }: World = {}) {
  const {
    paused = [],
    failing = () => 0,
    lagMs = () => 1,
    maxTimeMs = 3_600_000,
    endsAfterS = Number.POSITIVE_INFINITY,
  } = world;
  const values = new Float64Array(LAYOUT.size);
  const [slot] = LAYOUT.slots;
  const changes: Control[] = [];
  let load = 0;
  let atMs = 0;
  let state: Run['state'] = 'running';
  const later: (() => void)[] = [];
  const run = () => ({ ...finishedRun(), state }) as Run;
  const snapshot = () => ({ atMs, layout: LAYOUT, values: values.slice(), desired: [load, 0] });
  const options = { ...SEARCH, ...search };
  const sought = new CapacitySearch({
    search: options,
    context: { model, targets: countedThresholds(CONFIG, SCENARIO), maxLagMs: 25, maxSettleMs: 60_000 },
    forMs: 5000,
    holdMs: 10_000,
    rampMs: 1000,
    maxTimeMs,
    control(change) {
      if (state !== 'running') throw new SoakError('NOT_RUNNING', 'over');
      changes.push(change);
      if (change.action === 'skip') state = 'draining';
      if (change.action === 'set') load = 'users' in change ? change.users : change.rate;
      sought.add(run(), snapshot());
    },
    generator: () => ({ threads: 1, deaths: 0, transports: ['lean'] }),
    soon: (call) => void later.push(call),
  });
  load = options.from;
  sought.start(run(), snapshot());
  for (let s = 1; s <= 7200 && state === 'running'; s++) {
    atMs += 1000;
    if (s >= endsAfterS || atMs >= maxTimeMs) state = 'draining';
    const n = Math.max(1, Math.round(load));
    const failed = Math.round(n * failing(load));
    values[slot!.cell['active:streaming']] = n;
    values[slot!.cell['finished:complete']]! += n - failed;
    values[slot!.cell['finished:http_error']]! += failed;
    observe(values, slot!.histogram['duration:success'], 1000, n - failed);
    observe(values, slot!.histogram['duration:failed'], 10, failed);
    observe(values, slot!.histogram.ttfb, load > knee || paused.includes(s) ? 3000 : 50, n - failed);
    observe(values, LAYOUT.shared['measurementLag:lean'], lagMs(load), 200);
    values[slot!.cell.userMs]! += n * 1000;
    sought.add(run(), snapshot());
    for (const call of later.splice(0)) call();
  }
  return { result: sought.result, changes, passedMs: atMs, of: (id: string) => sought.of(id) };
}

describe('a search on one run', () => {
  it('finds the knee, confirms it and ends the run', () => {
    const { result, changes } = carriedOut();
    const { users, low, high, limitedBy, target: name, confirmed, ended, steps } = result;
    assert.deepEqual(
      { users, low, high, limitedBy, name, confirmed, ended },
      { users: 30, low: 30, high: 31, limitedBy: 'ttfb-p95', name: 'a', confirmed: true, ended: 'found' },
    );
    assert.equal(steps.at(-1)!.confirms, true);
    assert.ok(steps.at(-1)!.measuredMs >= 2 * steps[0]!.measuredMs);
    assert.deepEqual(changes.at(-1), { action: 'skip' });
  });

  it('raises the load within the duration of a stream, and lowers it at once', () => {
    const { changes } = carriedOut();
    assert.deepEqual(changes.slice(0, 3), [
      { action: 'set', users: 20, rampMs: 1000 },
      { action: 'set', users: 40, rampMs: 1000 },
      { action: 'set', users: 30 },
    ]);
  });

  it('measures no stream from before the load: it settles first', () => {
    for (const { settledMs } of carriedOut().result.steps) assert.ok(settledMs >= 2000, `${settledMs}`);
  });

  it('finds a rate in the open model', () => {
    const { result, changes } = carriedOut({ model: 'open', search: { whole: false } });
    assert.ok(result.rate! <= 30 && result.rate! > 28.5, `${result.rate}`);
    assert.equal('users' in result, false);
    assert.deepEqual(changes[0], { action: 'set', rate: 20, rampMs: 1000 });
  });

  it('is limited by the largest load allowed', () => {
    const { result } = carriedOut({ search: { most: 25 } });
    assert.deepEqual([result.users, result.high, result.limitedBy], [25, null, 'maxUsers']);
    assert.equal(carriedOut({ search: { most: 25 }, model: 'open' }).result.limitedBy, 'maxRate');
  });

  it('finds that not even one user holds', () => {
    const { result } = carriedOut({ knee: 0 });
    assert.deepEqual([result.users, result.low, result.high, result.ended], [0, 0, 1, 'found']);
  });

  it('takes no single pause of the target for its capacity', () => {
    const { result } = carriedOut({ paused: [4, 5, 6] });
    assert.deepEqual([result.users, result.steps[0]!.verdict], [30, 'held']);
  });

  it('counts failures as infinitely late', () => {
    const { result } = carriedOut({ knee: 1000, failing: (load) => (load > 16 ? 0.5 : 0) });
    assert.deepEqual([result.users, result.limitedBy], [16, 'success-rate']);
    assert.equal(result.steps.find((s) => s.load === 20)!.ttfbP95Ms, null);
  });

  it('is limited by the generator where its lag leaves the limit open', () => {
    // Beyond 20 users soakd itself is so late that the wait of 3 s could be one of 1 s.
    const { result } = carriedOut({ knee: 20, lagMs: (load) => (load > 20 ? 2500 : 1) });
    assert.deepEqual([result.limitedBy, result.target, result.users], ['generator', null, 20]);
    const verdicts = result.steps.filter((s) => s.load === 40).map((s) => s.verdict);
    assert.deepEqual(verdicts, ['inconclusive', 'generator']);
  });

  it('is not limited by the generator where its lag leaves no doubt', () => {
    const { result } = carriedOut({ lagMs: () => 100 });
    assert.deepEqual([result.users, result.limitedBy], [30, 'ttfb-p95']);
  });

  it('ends in time, with what is proven', () => {
    const { result, passedMs } = carriedOut({ knee: 900, maxTimeMs: 40_000 });
    assert.equal(result.ended, 'max-time');
    assert.ok(result.users! >= 20 && result.high === null && !result.confirmed);
    assert.ok(passedMs <= 40_000, `${passedMs}`);
  });

  it('ends with the run, with what is proven', () => {
    const { result } = carriedOut({ knee: 900, endsAfterS: 12 });
    assert.deepEqual([result.ended, result.users, result.limitedBy], ['interrupted', 10, null]);
  });

  it('ends within its steps', () => {
    const { result } = carriedOut({ knee: 900, search: { maxSteps: 4 } });
    assert.deepEqual([result.ended, result.users, result.confirmed], ['max-steps', 40, true]);
  });

  it('is that of its own run alone', () => {
    const { of } = carriedOut();
    assert.equal(of('another'), null);
    assert.equal(of(finishedRun().id)!.users, 30);
  });
});
