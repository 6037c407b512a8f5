/** Streams of the field, through the classifier however they are split, and through both transports. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCounters } from '../../src/formats/classifier.ts';
import { classifierFor, formatNamed } from '../../src/formats/list.ts';
import { estimatedTokens } from '../../src/formats/tokens.ts';
import { chunked, head, LAST_CHUNK, Peer } from '../stream/peer.ts';
import { targetAt, User } from '../stream/user.ts';
import { leavesNothingOpen } from '../transport/handles.ts';
import { throughEach } from '../transport/transports.ts';
import { FIELD_CASES, type FieldCase, USAGE, WRONG_TOKENS } from './field-cases.ts';

leavesNothingOpen();

function classify({ format, terminal, error }: FieldCase, reads: readonly Uint8Array[]) {
  const classifier = classifierFor(format, { terminal, error });
  const counters = newCounters();
  for (const read of reads) classifier.read(read, true, counters);
  return { ...classifier.end(counters), counters };
}

describe('streams of the field', () => {
  for (const one of FIELD_CASES) {
    it(`${one.format}, ${one.name}: ${one.outcome}`, () => {
      const bytes = Buffer.from(one.body as string);
      const { outcome, detail, counters } = classify(one, bytes.length === 0 ? [] : [bytes]);
      assert.equal(outcome, one.outcome, detail);
      if (one.detail !== undefined) assert.match(detail ?? '', one.detail);
      if (one.characters !== undefined) assert.equal(counters.characters, one.characters, 'characters');
      if (one.contentChunks !== undefined) assert.equal(counters.contentChunks, one.contentChunks);
      if (one.trailing !== undefined) assert.equal(counters.trailing, one.trailing, 'trailing');
      if (one.reason !== undefined) assert.equal(counters.finishReasons?.[one.reason], 1, one.reason);
      if (one.format === 'raw') return;
      const apart = classify(
        one,
        Array.from(bytes, (byte) => Buffer.from([byte])),
      );
      assert.deepEqual(apart, { outcome, ...(detail === undefined ? {} : { detail }), counters });
    });
  }

  for (const [format, body] of USAGE) {
    it(`${format}: tokens that cannot be true are ignored and counted`, () => {
      for (const tokens of WRONG_TOKENS) {
        const counters = newCounters();
        const classifier = classifierFor(format);
        classifier.read(Buffer.from(body(tokens)), true, counters);
        assert.equal(classifier.end(counters).outcome, 'complete');
        assert.deepEqual([counters.outputTokens, counters.ignoredTokens], [undefined, 1], tokens);
        assert.equal(estimatedTokens(counters), 1);
      }
      const counters = newCounters();
      classifierFor(format).read(Buffer.from(body('7')), true, counters);
      assert.equal(counters.outputTokens, 7);
    });
  }

  it('tokens without a report: content chunks, or a third of the characters', () => {
    const of = (contentChunks: number, characters: number) =>
      estimatedTokens({ ...newCounters(), contentChunks, characters });
    assert.deepEqual([of(3, 4), of(1, 301), of(0, 0)], [3, 101, 0]);
  });
});

/** One server for all: the path says which case. */
throughEach(() => {
  describe('streams of the field over a socket', () => {
    for (const one of FIELD_CASES) {
      it(`${one.format}, ${one.name}: ${one.outcome}`, async () => {
        const { format, terminal, error } = one;
        const type = formatNamed(format).contentTypes[0] ?? 'text/plain';
        await using peer = await Peer.listen((socket) => {
          socket.write(head('200 OK', { 'content-type': type, 'transfer-encoding': 'chunked' }));
          if (one.body.length > 0) socket.write(chunked(one.body));
          socket.write(LAST_CHUNK);
        });
        const { terminal: _, ...target } = targetAt(peer.port, { format });
        const given = {
          ...(terminal === undefined ? {} : { terminal }),
          ...(error === undefined ? {} : { error }),
        };
        await using user = new User({ ...target, ...given });
        const { outcome, stream, firstContents } = await user.run();
        assert.equal(outcome, one.outcome, stream.detail);
        if (one.characters !== undefined) assert.equal(stream.counters.characters, one.characters);
        assert.equal(firstContents.length, stream.counters.contentChunks > 0 ? 1 : 0, 'TTFT');
      });
    }
  });
});
