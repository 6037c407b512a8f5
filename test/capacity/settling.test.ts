import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Settling, type SettlingOptions } from '../../src/capacity/settling.ts';
import { observe } from '../../support/core/observe.ts';
import { LAYOUT } from '../../support/run/samples.ts';

const OPTIONS: SettlingOptions = { users: 20, rampMs: 0, maxSettleMs: 60_000 };

/** Returns after how many seconds a load has settled. @param at open streams and streams that end, by second */
function settledAfter(
  options: Partial<SettlingOptions>,
  at: (second: number) => { readonly open: number; readonly ended: number; readonly durationMs: number },
): { readonly seconds: number; readonly durationMs: number } {
  const values = new Float64Array(LAYOUT.size);
  const [slot] = LAYOUT.slots;
  const moment = (atMs: number) => ({ atMs, layout: LAYOUT, values: values.slice(), threads: 1, deaths: 0 });
  const settling = new Settling({ ...OPTIONS, ...options }, moment(0));
  for (let second = 1; second <= 600; second++) {
    const { open, ended, durationMs } = at(second);
    values[slot!.cell['active:streaming']] = open;
    values[slot!.cell['finished:complete']]! += ended;
    observe(values, slot!.histogram['duration:success'], durationMs, ended);
    if (settling.add(moment(second * 1000))) return { seconds: second, durationMs: settling.durationMs };
  }
  return { seconds: Number.POSITIVE_INFINITY, durationMs: 0 };
}

describe('a load has settled', () => {
  it('once the streams that were open when it was reached have ended', () => {
    const { seconds, durationMs } = settledAfter({}, () => ({ open: 20, ended: 5, durationMs: 4000 }));
    assert.equal(seconds, 5);
    assert.ok(Math.abs(durationMs - 4000) < 100, `${durationMs}`);
  });

  it('not before a long stream among many short ones has had its time', () => {
    const { seconds } = settledAfter({}, (second) => ({
      open: 20,
      ended: 10,
      durationMs: second % 2 ? 8000 : 100,
    }));
    assert.ok(seconds >= 9, `${seconds}`);
  });

  it('not before its users are up', () => {
    const { seconds } = settledAfter({}, (s) => ({ open: Math.min(20, s * 5), ended: 20, durationMs: 900 }));
    assert.equal(seconds, 5);
  });

  it('not before the users that are too many are gone', () => {
    const { seconds } = settledAfter({}, (s) => ({ open: s < 4 ? 40 : 20, ended: 20, durationMs: 900 }));
    assert.equal(seconds, 5);
  });

  it('although users with a think time have no stream open', () => {
    const { seconds } = settledAfter({}, () => ({ open: 4, ended: 4, durationMs: 900 }));
    assert.equal(seconds, 6);
  });

  it('not before its ramp is over', () => {
    const { seconds } = settledAfter({ rampMs: 7000 }, () => ({ open: 20, ended: 20, durationMs: 900 }));
    assert.equal(seconds, 8);
  });

  it('after the longest time of a stream at the latest', () => {
    assert.equal(settledAfter({}, () => ({ open: 20, ended: 0, durationMs: 0 })).seconds, 60);
  });

  it('at once in the open model, whose load is a rate', () => {
    const { seconds } = settledAfter({ users: undefined }, () => ({ open: 3, ended: 2, durationMs: 900 }));
    assert.equal(seconds, 3);
  });
});
