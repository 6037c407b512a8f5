import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../src/core/scenario.ts';
import { changesOf } from '../../src/run/changes.ts';
import { closed } from '../../support/load/samples.ts';
import { configOf, target } from '../../support/run/samples.ts';

const BEFORE = configOf([target('a'), target('b')], {
  scenarios: { day: closed(), night: closed() },
  thresholds: [{ id: 'ttfb-p95', limit: 2500 }],
});

describe('what a new configuration changes', () => {
  const CASES: readonly (readonly [
    what: string,
    change: Partial<Config>,
    applied: readonly string[],
    ofRuns: readonly string[],
    restart: readonly string[],
  ])[] = [
    ['nothing', {}, [], [], []],
    [
      'targets',
      { targets: [target('a', { format: 'raw' }), target('c')] },
      [],
      ['targets: a changed', 'targets: b removed', 'targets: c added'],
      [],
    ],
    [
      'scenarios',
      { scenarios: { day: closed({ seed: 2 }), week: closed() } },
      [],
      ['scenarios: day changed', 'scenarios: night removed', 'scenarios: week added'],
      [],
    ],
    [
      'thresholds',
      { thresholds: [{ id: 'ttfb-p95', limit: 1200 }] },
      [],
      ['thresholds: ttfb-p95 changed'],
      [],
    ],
    ['hosts', { allow: ['llm.example.com'] }, [], ['allow: changed'], []],
    ['limits', { limits: { ...BEFORE.limits, maxUsers: 5 } }, ['limits: maxUsers changed'], [], []],
    [
      'where it listens',
      { serve: { ...BEFORE.serve, port: 1 }, workers: 'auto' },
      [],
      ['workers: changed'],
      ['serve.port: changed'],
    ],
  ];
  for (const [what, change, applied, ofRuns, restart] of CASES) {
    it(what, () => {
      const after = { ...BEFORE, ...change };
      assert.deepEqual(changesOf(BEFORE, after, true), { applied, waiting: ofRuns, restart });
      const idle = changesOf(BEFORE, after, false);
      assert.deepEqual([...idle.applied].sort(), [...applied, ...ofRuns].sort());
      assert.deepEqual([idle.waiting, idle.restart], [[], restart]);
    });
  }
});
