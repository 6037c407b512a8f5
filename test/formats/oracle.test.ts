/** Mutated streams of every format against an oracle that knows what was written, and shares no code with it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seededRandom } from '../../src/core/random.ts';
import { newCounters } from '../../src/formats/classifier.ts';
import { formatNamed } from '../../src/formats/list.ts';
import { DIALECTS, expectedOf, makeStream } from './stream-oracle.ts';

const STREAMS = 10_000;
/** Another in each run of CI would find more, and be repeatable by nobody. */
const SEED = Number(process.env.SOAKD_FUZZ_SEED ?? 1);

describe('mutated streams against an oracle', () => {
  for (const format of Object.keys(DIALECTS)) {
    it(`${format}: ${STREAMS} streams`, () => {
      const make = formatNamed(format).classifier({});
      const outcomes = new Map<string, number>();
      for (let n = 0; n < STREAMS; n++) {
        const seed = SEED * STREAMS + n;
        const pieces = makeStream(format, seed);
        const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
        const random = seededRandom(seed ^ 0x5eed);
        const classifier = make();
        const counters = newCounters();
        for (let at = 0; at < bytes.length; ) {
          const to = Math.min(bytes.length, at + 1 + Math.floor(random() * 200));
          classifier.read(Buffer.from(bytes.subarray(at, to)), true, counters);
          at = to;
        }
        const { outcome } = classifier.end(counters);
        const { characters, trailing = 0 } = counters;
        assert.deepEqual(
          { outcome, characters, trailing },
          expectedOf(format, pieces),
          `seed ${seed}\n${bytes}`,
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      // Streams that all end alike would prove little.
      for (const outcome of ['complete', 'limited', 'truncated', 'inband_error', 'malformed'])
        assert.ok((outcomes.get(outcome) ?? 0) > 100, `${outcomes.get(outcome)} ${outcome}`);
    });
  }
});
