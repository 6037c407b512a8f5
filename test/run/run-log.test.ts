import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunEvent } from '../../src/core/control.ts';
import type { FinishedRun, Run, Verdict } from '../../src/core/run.ts';
import { outageLine } from '../../src/run/outage-text.ts';
import { logEvent, logFinish } from '../../src/run/run-log.ts';

const FROM = Date.parse('2026-01-01T00:00:00Z');
const RUN = { id: 'r-1', state: 'running', plannedEndAt: FROM } as Run;
const END = { plannedEndAt: '2026-01-01T00:00:00.000Z' };

function logging() {
  const lines: [level: string, facts: object, text: string][] = [];
  const at = (level: string) => (facts: object, text: string) => void lines.push([level, facts, text]);
  return { lines, log: { info: at('info'), warn: at('warn'), error: at('error') } };
}

const event = (action: RunEvent['action']): RunEvent => ({ at: FROM, action, by: 'deploy', detail: 'd' });

describe('log of a run', () => {
  it('says what happened, who did it, and the new end where it has moved', () => {
    const { lines, log } = logging();
    logEvent(log, RUN, event('extend'), {});
    logEvent(log, RUN, event('set'), {});
    logEvent(log, { ...RUN, state: 'paused' } as Run, event('skip'), {});
    const facts = { run: 'r-1', by: 'deploy', detail: 'd' };
    assert.deepEqual(lines, [
      ['info', { ...facts, ...END }, 'stage extended'],
      ['info', facts, 'load changed'],
      ['info', facts, 'stage skipped'],
    ]);
  });

  it('warns of an outage, and names its target, its start and its outcomes', () => {
    const { lines, log } = logging();
    const outage = { target: 'a', fromAt: FROM, toAt: FROM + 4000.25, outcomes: { reset: 3 } };
    for (const kind of ['began', 'ended'] as const)
      logEvent(log, RUN, event('outage'), outageLine({ kind, outage }));
    const facts = {
      run: 'r-1',
      by: 'deploy',
      target: 'a',
      fromAt: '2026-01-01T00:00:00.000Z',
      outcomes: { reset: 3 },
    };
    assert.deepEqual(lines, [
      ['warn', facts, 'target is down'],
      ['info', { ...facts, lastedMs: 4000 }, 'target is up again'],
    ]);
  });

  it('warns of a run that failed, with the thresholds that it crossed', () => {
    const { lines, log } = logging();
    const verdicts = [
      { threshold: 'ttfb-p95', target: 'a', result: 'fail' },
      { threshold: 'success-rate', target: 'a', result: 'pass' },
    ] as unknown as Verdict[];
    const run = { id: 'r-1', scenario: 's', startedAt: FROM, endedAt: FROM + 9000, reason: 'completed' };
    logFinish(log, { ...run, verdict: 'fail', verdicts } as unknown as FinishedRun);
    logFinish(log, { ...run, verdict: 'pass', verdicts: [] } as unknown as FinishedRun);
    const facts = { run: 'r-1', scenario: 's', reason: 'completed', lastedMs: 9000 };
    assert.deepEqual(lines, [
      ['warn', { ...facts, verdict: 'fail', crossed: ['ttfb-p95 of a'] }, 'run finished'],
      ['info', { ...facts, verdict: 'pass' }, 'run finished'],
    ]);
  });
});
