import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergedStatus, reduce, START, type State, shownFacts } from '../../src/web/state.ts';
import { mergeWindows } from '../../src/web/windows.ts';
import type { RunEvent, Status } from '../../src/web/wire.ts';
import { summaryOf } from '../../support/report/samples.ts';
import { busy, idle, START_MS, targetWindow, windowOf } from './samples.ts';

const after = (status: Status, state: State = START): State =>
  reduce(state, { kind: 'status', status, atMs: 1 });
const w = (n: number) => windowOf(n, [targetWindow('a')]);

describe('state of the page', () => {
  it('shows the active run, and drops the windows of the one before', () => {
    let state = after(busy);
    assert.deepEqual(state.run, { id: 'run-1', width: '10s', windows: [], complete: false });
    state = reduce(state, { kind: 'windows', run: 'run-1', width: '10s', windows: [w(0)], complete: true });
    assert.equal(after(busy, state).run!.windows.length, 1);
    const other = { ...busy, run: { ...busy.run!, id: 'run-2' } };
    assert.deepEqual(after(other, state).run, { id: 'run-2', width: '10s', windows: [], complete: false });
  });

  it('keeps the windows when the run that it shows ends', () => {
    let state = reduce(after(busy), {
      kind: 'windows',
      run: 'run-1',
      width: '10s',
      windows: [w(0)],
      complete: true,
    });
    state = after({ ...idle, last: summaryOf({ id: 'run-1' }) }, state);
    assert.equal(state.run!.windows.length, 1);
    assert.equal(shownFacts(state)!.active, false);
  });

  it('reads windows again where an extended run needs wider ones', () => {
    const state = reduce(after(busy), {
      kind: 'windows',
      run: 'run-1',
      width: '10s',
      windows: [w(0)],
      complete: true,
    });
    const long = { ...busy, run: { ...busy.run!, durationMs: 10 * 3_600_000 } };
    assert.deepEqual(after(long, state).run, { id: 'run-1', width: '1m', windows: [], complete: false });
  });

  it('puts late windows in their place, and keeps the later form of each', () => {
    const later = { ...w(2), toAt: new Date(START_MS + 40_000).toISOString() };
    const merged = mergeWindows([w(0), later, w(5)], [w(1), w(2), w(3)]);
    assert.deepEqual(merged, [w(0), w(1), later, w(3), w(5)]);
    assert.deepEqual(mergeWindows([w(0), w(2)], [later]), [w(0), later]);
  });

  it('shows the last kept run until the server has had one', () => {
    const kept = { ...summaryOf({}), verdict: 'fail' as const };
    const state = reduce(after(idle), { kind: 'kept', kept });
    assert.equal(state.status!.last!.verdict, 'fail');
    assert.equal(state.run!.id, kept.run.id);
    assert.equal(after(idle, state).status!.last, kept, 'the next status has none either');
    assert.equal(after({ ...idle, last: { ...kept, verdict: 'pass' } }, state).status!.last!.verdict, 'pass');
  });

  it('ignores windows and events of another run', () => {
    const state = after(busy);
    assert.equal(reduce(state, { kind: 'windows', run: 'x', width: '10s', windows: [w(0)] }), state);
    assert.equal(reduce(state, { kind: 'windows', run: 'run-1', width: '1m', windows: [w(0)] }), state);
    assert.equal(reduce(state, { kind: 'event', run: 'x', event: busy.run!.events[0]! as RunEvent }), state);
  });

  it('adds an event once', () => {
    const event: RunEvent = { at: '2026-01-01T00:07:00.000Z', action: 'pause', by: 'deploy', detail: '' };
    const once = reduce(after(busy), { kind: 'event', run: 'run-1', event });
    assert.equal(once.status!.run!.events.length, 3);
    assert.equal(reduce(once, { kind: 'event', run: 'run-1', event }), once);
  });

  it('begins again after a reset', () => {
    const state = reduce(after(busy), {
      kind: 'windows',
      run: 'run-1',
      width: '10s',
      windows: [w(0)],
      complete: true,
    });
    assert.deepEqual(reduce(state, { kind: 'reset' }).run, {
      id: 'run-1',
      width: '10s',
      windows: [],
      complete: false,
    });
  });
});

describe('status from events', () => {
  const { events: _, ...runWithoutEvents } = busy.run!;

  it('keeps the parts that an event leaves out', () => {
    const part = { version: busy.version, state: busy.state, run: runWithoutEvents };
    assert.deepEqual(mergedStatus(busy, part), busy);
  });

  it('is not known where the events of a new run are missing', () => {
    const part = { version: busy.version, state: busy.state, run: { ...runWithoutEvents, id: 'run-2' } };
    assert.equal(mergedStatus(busy, part), null);
    assert.equal(mergedStatus(null, { version: '1', state: 'idle', run: null }), null);
  });

  it('has no run after its end', () => {
    assert.equal(mergedStatus(busy, { version: '1', state: 'idle', run: null })!.run, null);
  });
});
