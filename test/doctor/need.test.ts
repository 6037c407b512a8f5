import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/load.ts';
import { needOf } from '../../src/doctor/need.ts';

const CONFIG = `
allow: [llm.example.com]
targets:
  - { name: far, url: https://llm.example.com/, connection: fresh }
  - { name: near, url: http://127.0.0.1:8002/, connection: fresh }
  - { name: kept, url: http://127.0.0.1:8003/ }
  - { name: made, simulator: { preset: quick } }
scenarios:
`;

const ROWS: readonly [what: string, scenarios: string, expected: ReturnType<typeof needOf>][] = [
  [
    'closed: the highest level of all scenarios',
    `  a: { target: kept, stages: [{ users: 10, for: 1m }, { shape: ramp, users: { from: 10, to: 700 }, for: 1m }] }
  b: { target: kept, stages: [{ shape: spike, users: { base: 5, peak: 900 }, at: 1s, width: 1s, for: 1m }] }`,
    { users: 900, freshRate: 0, eventBytes: 1_048_576, loopback: true, simulator: false },
  ],
  [
    'open: the most users, and the fresh connections to the target that gets the most',
    '  a: { targets: [{ name: far, weight: 1 }, { name: near, weight: 3 }], model: open, maxUsers: 500, stages: [{ rate: 40, for: 1m }] }',
    { users: 500, freshRate: 30, eventBytes: 1_048_576, loopback: false, simulator: false },
  ],
  [
    'open: connections of users that change between two targets',
    '  a: { targets: [{ name: kept, weight: 1 }, { name: made, weight: 3 }], model: open, maxUsers: 50, stages: [{ rate: 16, for: 1m }] }',
    { users: 50, freshRate: 3, eventBytes: 1_048_576, loopback: true, simulator: true },
  ],
  [
    'the simulator, where a scenario uses it',
    '  a: { target: made, stages: [{ users: 5, for: 1m }] }',
    { users: 5, freshRate: 0, eventBytes: 1_048_576, loopback: true, simulator: true },
  ],
];

describe('what is needed', () => {
  for (const [what, scenarios, expected] of ROWS) {
    it(what, () => {
      const config = parseConfig(CONFIG + scenarios, { file: 'test.yaml' });
      assert.deepEqual(needOf(config), expected);
      assert.deepEqual(needOf(config, 7), { ...expected, users: 7 });
    });
  }

  it('is the level of the seed where nothing is said', () => {
    assert.equal(needOf(undefined).users, 3000);
    assert.equal(needOf(undefined, 12).users, 12);
  });
});
