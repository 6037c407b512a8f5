import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Change, effectOf } from '../../src/web/effects.ts';
import { BODIES } from '../../support/http/stub.ts';
import { busy } from './samples.ts';

const run = busy.run!;

describe('effect of a change', () => {
  it('is the request of the API, with what was typed', () => {
    const requests: readonly [Change, string, object | undefined][] = [
      [{ action: 'pause' }, 'POST /api/v1/runs/current/pause', undefined],
      [{ action: 'resume' }, 'POST /api/v1/runs/current/resume', undefined],
      [{ action: 'skip' }, 'POST /api/v1/runs/current/skip', undefined],
      [
        { action: 'extend', by: '10m' },
        'POST /api/v1/runs/current/extend',
        BODIES['POST /api/v1/runs/current/extend'],
      ],
      [{ action: 'stop', grace: '' }, 'POST /api/v1/runs/current/stop', {}],
      [{ action: 'stop', grace: '30s' }, 'POST /api/v1/runs/current/stop', { grace: '30s' }],
      [{ action: 'set', users: '5' }, 'PATCH /api/v1/runs/current', BODIES['PATCH /api/v1/runs/current']],
      [{ action: 'set', rate: '2.5' }, 'PATCH /api/v1/runs/current', { rate: 2.5 }],
      [{ action: 'start', scenario: 'demo' }, 'POST /api/v1/runs', BODIES['POST /api/v1/runs']],
      [
        { action: 'start', scenario: 'demo', users: '50', rate: '', for: '1m', warmUp: '' },
        'POST /api/v1/runs',
        { scenario: 'demo', users: 50, for: '1m' },
      ],
    ];
    for (const [change, request, body] of requests) {
      const effect = effectOf(change, run);
      assert.equal(`${effect.request.method} ${effect.request.path}`, request);
      assert.deepEqual(effect.request.body, body);
      assert.equal(effect.issue, null);
    }
  });

  it('says what a stop does to open streams', () => {
    const { effects, severe } = effectOf({ action: 'stop', grace: '30s' }, run);
    assert.ok(
      effects.includes('The 1,234 open streams have 30s to end; soakd then cancels them.'),
      effects.join('\n'),
    );
    assert.equal(severe, true);
    assert.match(effectOf({ action: 'stop' }, run).effects.join(), /have 8s to end/);
  });

  it('says what a lower level does to the streams above it', () => {
    assert.match(
      effectOf({ action: 'set', users: '10' }, run).effects.join(),
      /from 1,250 to 10 virtual users.*continue to their end/,
    );
    assert.match(effectOf({ action: 'set', users: '10', grace: '5s' }, run).effects.join(), /have 5s to end/);
    assert.doesNotMatch(
      effectOf({ action: 'set', users: '2000' }, run).effects.join(),
      /above the new level/,
    );
  });

  it('says that a skip of the last stage ends the run', () => {
    assert.match(effectOf({ action: 'skip' }, run).effects[0]!, /^Stage 3 of 3/);
    const last = { ...run, progress: { ...run.progress, stage: 2 } };
    assert.match(effectOf({ action: 'skip' }, last).effects[0]!, /the run ends/);
  });

  it('finds values that the API would refuse, before it asks', () => {
    const wrong: readonly Change[] = [
      { action: 'extend', by: '10' },
      { action: 'extend', by: '0s' },
      { action: 'stop', grace: 'soon' },
      { action: 'set', users: '' },
      { action: 'set', users: '-1' },
      { action: 'set', users: '1.5' },
      { action: 'set', users: '5', grace: '5' },
      { action: 'set', rate: 'x' },
      { action: 'start', scenario: '' },
      { action: 'start', scenario: 'demo', users: '5', rate: '5' },
      { action: 'start', scenario: 'demo', users: '0' },
      { action: 'start', scenario: 'demo', rate: '0' },
      { action: 'start', scenario: 'demo', for: '0s' },
      { action: 'start', scenario: 'demo', warmUp: 'x' },
    ];
    for (const change of wrong) assert.notEqual(effectOf(change, run).issue, null, JSON.stringify(change));
  });
});
