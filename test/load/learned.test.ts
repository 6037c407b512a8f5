import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCounters } from '../../src/formats/classifier.ts';
import { classifierFor } from '../../src/formats/list.ts';
import { allocateLearned, learnedEnd } from '../../src/load/learned.ts';

const HI = 'data: hi\n\n';
const DONE = 'data: [DONE]\n\n';

/** Targets of one run; the streams of a target may be held by different workers. */
function streams(): (body: string, target?: number) => string {
  const shared = allocateLearned(2);
  return (body, target = 0) => {
    const classifier = classifierFor('sse', { learned: learnedEnd(shared, target) });
    const counters = newCounters();
    classifier.read(Buffer.from(body), true, counters);
    return classifier.end(counters).outcome;
  };
}

describe('sse without terminal', () => {
  it('the first stream that ends in [DONE] makes it the terminal event of its target', () => {
    const end = streams();
    assert.deepEqual(
      [HI + DONE, HI, HI + DONE, HI + DONE + HI, HI].map((body) => end(body)),
      ['complete', 'truncated', 'complete', 'protocol_violation', 'truncated'],
    );
    assert.equal(end(HI, 1), 'complete', 'another target');
  });

  it('the first stream that ends otherwise leaves every clean end complete', () => {
    const end = streams();
    assert.deepEqual(
      [HI, HI + DONE, HI, DONE].map((body) => end(body)),
      ['complete', 'complete', 'complete', 'truncated'],
    );
  });

  it('a stream without content teaches nothing', () => {
    const end = streams();
    assert.deepEqual(
      [DONE, '', HI + DONE, HI].map((body) => end(body)),
      ['truncated', 'truncated', 'complete', 'truncated'],
    );
  });

  it('terminal: end turns it off', () => {
    const shared = allocateLearned(1);
    for (const body of [HI + DONE, HI]) {
      const classifier = classifierFor('sse', { terminal: { kind: 'end' }, learned: learnedEnd(shared, 0) });
      const counters = newCounters();
      classifier.read(Buffer.from(body), true, counters);
      assert.equal(classifier.end(counters).outcome, 'complete');
    }
    assert.equal(learnedEnd(shared, 0).known, undefined);
  });

  it('is known to all threads at once: the first to learn decides', () => {
    const shared = allocateLearned(1);
    learnedEnd(shared, 0).learn('none');
    learnedEnd(shared, 0).learn('done');
    assert.equal(learnedEnd(shared, 0).known, 'none');
  });
});
