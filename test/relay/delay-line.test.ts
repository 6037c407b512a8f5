import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PLAIN_NETWORK } from '../../src/catalog/networks.ts';
import type { NetworkShape } from '../../src/core/network.ts';
import { seededRandom } from '../../src/core/random.ts';
import { DelayLine, queueBytes } from '../../src/relay/delay-line.ts';

const network = (shape: Partial<NetworkShape>): NetworkShape => ({ ...PLAIN_NETWORK, ...shape });
/** Draws that are given out in turn. */
const draws = (...values: number[]) => {
  let i = 0;
  return () => values[i++ % values.length]!;
};

type Sent = readonly [nowMs: number, bytes: number];

/** 8 mbit is 1000 bytes a ms. */
const TABLE: readonly [
  what: string,
  shape: Partial<NetworkShape>,
  draws: readonly number[],
  sent: readonly Sent[],
  due: readonly (readonly number[])[],
][] = [
  ['nothing added', {}, [0.5], [[10, 100]], [[10]]],
  [
    'half of the round trip each way',
    { latencyMs: 80 },
    [0.5],
    [
      [0, 100],
      [25, 100],
    ],
    [[40], [65]],
  ],
  ['the least jitter', { latencyMs: 80, jitterMs: 20 }, [0], [[0, 1]], [[30]]],
  ['the most jitter', { latencyMs: 80, jitterMs: 20 }, [1], [[0, 1]], [[50]]],
  [
    'jitter never lets bytes pass each other',
    { latencyMs: 80, jitterMs: 20 },
    [1, 0],
    [
      [0, 1],
      [5, 1],
      [30, 1],
      [31, 1],
    ],
    [[50], [50], [80], [80]],
  ],
  ['one read in one piece where there is no limit', { latencyMs: 2 }, [0.5], [[0, 1e6]], [[1]]],
  ['a bandwidth: the last byte counts', { bandwidthBps: 8e6 }, [0.5], [[0, 1000]], [[1]]],
  ['pieces of 5 ms', { bandwidthBps: 8e6 }, [0.5], [[0, 12_000]], [[5, 10, 12]]],
  [
    'bytes wait until the line is free',
    { bandwidthBps: 8e6 },
    [0.5],
    [
      [0, 5000],
      [1, 1000],
    ],
    [[5], [6]],
  ],
  [
    'a line that was idle saves nothing up',
    { bandwidthBps: 8e6 },
    [0.5],
    [
      [0, 1000],
      [100, 1000],
    ],
    [[1], [101]],
  ],
  [
    'bandwidth, then travel',
    { bandwidthBps: 8e6, latencyMs: 80 },
    [0.5],
    [
      [0, 5000],
      [0, 5000],
    ],
    [[45], [50]],
  ],
  ['slow lines are paced by segments', { bandwidthBps: 8000 }, [0.5], [[0, 2896]], [[1448, 2896]]],
  [
    'an end is one piece behind the bytes',
    { bandwidthBps: 8e6, latencyMs: 10 },
    [0.5],
    [
      [0, 2000],
      [0, 0],
    ],
    [[7], [7]],
  ],
];

describe('the delay line', () => {
  for (const [what, shape, random, sent, due] of TABLE) {
    it(what, () => {
      const line = new DelayLine(network(shape), draws(...random));
      const pieces = sent.map(([now, bytes]) => line.send(now, bytes));
      assert.deepEqual(
        pieces.map((p) => p.map(({ dueMs }) => dueMs)),
        due,
      );
      const lengths = pieces.map((p) => p.reduce((sum, { length }) => sum + length, 0));
      assert.deepEqual(
        lengths,
        sent.map(([, bytes]) => bytes),
        'every byte is in one piece',
      );
    });
  }

  it('over many draws: in order, within the jitter where reads are far apart, even around the latency', () => {
    const line = new DelayLine(network({ latencyMs: 80, jitterMs: 20 }), seededRandom(7));
    let sum = 0;
    for (let i = 0; i < 10_000; i++) {
      const [piece] = line.send(i * 100, 10);
      const delay = piece!.dueMs - i * 100;
      assert.ok(delay >= 30 && delay <= 50, `${delay} ms`);
      sum += delay;
    }
    assert.ok(Math.abs(sum / 10_000 - 40) < 0.3, `${sum / 10_000} ms in the mean`);
  });

  it('never gives a connection more than its bandwidth, however it is asked', () => {
    const random = seededRandom(11);
    const line = new DelayLine(network({ bandwidthBps: 1e6, latencyMs: 50, jitterMs: 50 }), seededRandom(12));
    let now = 0;
    let bytes = 0;
    let last = 0;
    for (let i = 0; i < 2000; i++) {
      now += random() * 20;
      const size = Math.floor(random() * 5000);
      for (const { length, dueMs } of line.send(now, size)) {
        bytes += length;
        assert.ok(dueMs >= last, 'in order');
        last = dueMs;
        assert.ok(bytes <= dueMs * 125 + 1e-6, `${bytes} bytes in ${dueMs} ms`);
      }
    }
  });

  it('buffers twice what is under way, within limits', () => {
    assert.equal(queueBytes(network({})), 1_048_576);
    assert.equal(queueBytes(network({ latencyMs: 80 })), 1_048_576);
    assert.equal(queueBytes(network({ latencyMs: 80, bandwidthBps: 1e6 })), 20_000);
    assert.equal(queueBytes(network({ bandwidthBps: 1e6 })), 16_384);
  });
});
