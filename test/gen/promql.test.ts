import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { among, braces, edge, promDuration, promNumber } from '../../src/promql/promql.ts';

describe('pieces of PromQL', () => {
  it('durations are written in the largest unit that is whole', () => {
    const table: readonly [ms: number, text: string][] = [
      [0, '0s'],
      [1, '1ms'],
      [250, '250ms'],
      [1500, '1500ms'],
      [15_000, '15s'],
      [90_000, '90s'],
      [300_000, '5m'],
      [3_600_000, '1h'],
      [86_400_000, '1d'],
      [259_200_000, '3d'],
    ];
    for (const [ms, text] of table) assert.equal(promDuration(ms), text);
  });

  it('numbers have no noise of doubles', () => {
    assert.equal(promNumber(1 - 0.99), '0.01');
    assert.equal(promNumber(14.4 * (1 - 0.995)), '0.072');
    assert.equal(promNumber(1 - 0.9995), '0.0005');
    assert.equal(promNumber(2500), '2500');
  });

  it('edges of buckets fit Prometheus 2 and 3', () => {
    assert.equal(edge(2.5), 'le="2.5"');
    assert.equal(edge(1.25), 'le="1.25"');
    assert.equal(edge(3), 'le=~"3(\\\\.0)?"');
  });

  it('matchers of several values match them as they are', () => {
    assert.equal(among('target', ['a']), 'target="a"');
    assert.equal(among('target', ['a.b'], true), 'target!="a.b"');
    assert.equal(among('target', ['a.b', 'c']), 'target=~"a\\\\.b|c"');
    assert.equal(among('target', ['a', 'c'], true), 'target!~"a|c"');
  });

  it('braces are left out where there is nothing to match', () => {
    assert.equal(braces('', ''), '');
    assert.equal(braces('', 'a="1"', 'b="2"'), '{a="1", b="2"}');
  });
});
