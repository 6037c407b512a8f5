/** What the summary says of targets whose responses were not streamed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { summaryText } from '../../src/report/text.ts';
import { summaryOf } from '../../support/report/samples.ts';

const NAME = 'a'.repeat(63);

describe('responses that were not streamed, in the summary', () => {
  it('exactly 1 % of buffered responses is no warning, and more than that is one', () => {
    const at = summaryOf({}, { 'buffered:part': 1, 'buffered:whole': 100 });
    assert.deepEqual(at.bufferedTargets, []);
    assert.doesNotMatch(summaryText(at), /buffer/);
    const above = summaryOf({}, { 'buffered:part': 2, 'buffered:whole': 100 });
    assert.equal(above.bufferedTargets.length, above.batchedTargets.length + 2);
    assert.match(
      summaryText(above),
      /arrived all at once at their end, so something on the way buffers them/,
    );
    assert.match(summaryText(above), /a: 2 of 100 responses arrived/);
  });

  it('five chunks a read are batching, and fewer are not; reads of nothing are none', () => {
    assert.deepEqual(summaryOf({}, { chunks: 499, reads: 100 }).batchedTargets, []);
    assert.deepEqual(summaryOf({}, {}).batchedTargets, []);
    const summary = summaryOf({}, { chunks: 500, reads: 100 });
    assert.equal(summary.batchedTargets[0]!.chunksPerRead, 5);
    assert.match(summaryText(summary), /a: 5\.0 chunks per read: the target, or something on the way/);
  });

  it('a target that is buffered is not called batched as well', () => {
    const summary = summaryOf({}, { 'buffered:part': 9, 'buffered:whole': 9, chunks: 90, reads: 9 });
    assert.doesNotMatch(summaryText(summary), /chunks per read/);
  });

  it('many targets with long names stay within 110 columns and a few lines', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ target: `${n}-${NAME}`, streams: 1e9, of: 1e9 }));
    const text = summaryText({
      ...summaryOf({}),
      bufferedTargets: many,
      batchedTargets: many.map(({ target }) => ({ target: `b${target}`, chunksPerRead: 12_345.6 })),
      goodput: { within: 1e9, finished: 1e9 },
    });
    for (const line of text.split('\n')) assert.ok(line.length <= 110, `${line.length}: ${line}`);
    assert.equal(text.match(/and 45 more/g)?.length, 2);
  });
});
