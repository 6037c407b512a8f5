/** Whatever bytes come: no throw, nothing kept. `SOAKD_FUZZ_SEED` tries others than those of every day. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newCounters, type StreamClassifier, type StreamCounters } from '../../src/formats/classifier.ts';
import { MAX_EVENT_BYTES } from '../../src/formats/limits.ts';
import { classifierFor, FORMATS, type Format } from '../../src/formats/list.ts';
import { JudgeFuzzer } from '../../support/formats/judge-fuzzer.ts';
import { collect } from '../../support/stream/collect.ts';

const SEED = Number(process.env.SOAKD_FUZZ_SEED ?? 1);
const SECONDS = 5;
const MIB = 1_048_576;

/** Bytes that are held, in the heap and beside it. */
async function held(): Promise<number> {
  await collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it(`random bytes and broken streams for ${SECONDS} s, seed ${SEED}`, async (t) => {
  const fuzzer = new JudgeFuzzer(SEED);
  const run = (ms: number): void => {
    const end = performance.now() + ms;
    while (performance.now() < end) fuzzer.round();
  };
  // Code is compiled and buffers find their size.
  run(SECONDS * 300);
  const before = await held();
  run(SECONDS * 700);
  const grown = (await held()) - before;
  t.diagnostic(
    `${fuzzer.streams} streams, ${JSON.stringify(Object.fromEntries(fuzzer.outcomes))}, ${grown} bytes more held`,
  );
  // Endless streams may be within a line each.
  assert.ok(grown < 4 * MIB, `${grown} bytes more held`);
  for (const outcome of [
    'complete',
    'limited',
    'inband_error',
    'truncated',
    'malformed',
    'protocol_violation',
  ] as const) {
    assert.ok(fuzzer.outcomes.has(outcome), `no ${outcome}: the streams are not what they should be`);
  }
});

describe('streams made to be remembered', () => {
  const JUDGES = 20;
  const READS = 300;
  const PIECE = Buffer.alloc(16_384, 'x');
  const number = (n: number): string => `${1_000_000 + n}`;
  /** What a judge might keep something for each of: indexes, blocks, names, types, fields. */
  const HOARDS: Readonly<Record<Exclude<Format, 'raw'>, (n: number) => string>> = {
    sse: (n) => `event: ${number(n).repeat(500)}\nid: ${n}\nx${n}: y\ndata: a\n\n`,
    'openai-chat': (n) =>
      `data: {"choices":[{"index":${number(n)},"delta":{"content":"${'x'.repeat(1000)}"}}]}\n\n`,
    'openai-completions': (n) =>
      `data: {"choices":[{"index":${number(n)},"text":"${'x'.repeat(1000)}"}]}\n\n`,
    gemini: (n) =>
      `data: {"candidates":[{"index":${number(n)},"content":{"parts":[{"text":"${'x'.repeat(1000)}"}]}}]}\n\n`,
    cohere: (n) =>
      `event: ${n}\ndata: {"type":"content-delta","index":${n},"delta":{"message":{"content":{"text":"${number(n).repeat(100)}"}}}}\n\n`,
    'openai-responses': (n) =>
      `event: ${n}\ndata: {"type":"t${number(n).repeat(100)}","sequence_number":${n}}\n\n`,
    anthropic: (n) =>
      `data: {"type":"content_block_start","index":"${number(n).repeat(500)}"}\n\ndata: {"type":"content_block_start","index":${n}}\n\n`,
    ollama: (n) => `{"message":{"content":"${number(n).repeat(100)}"},"x${n}":1}\n`,
    ndjson: (n) => `{"k${number(n).repeat(100)}":1}\n`,
  };

  for (const format of FORMATS) {
    const hoard = format === 'raw' ? () => 'x'.repeat(1000) : HOARDS[format];
    it(`${format}: nothing for each chunk`, async () => {
      const before = await held();
      const judges: [StreamClassifier, StreamCounters][] = [];
      for (let i = 0; i < JUDGES; i++) {
        const tally = newCounters();
        const judge = classifierFor(format);
        for (let n = 0; n < READS; n++) judge.read(Buffer.from(hoard(n) + hoard(n + READS)), true, tally);
        judges.push([judge, tally]);
      }
      const kept = ((await held()) - before) / judges.length;
      // A map of 600 small numbers takes some 25 kB.
      assert.ok(kept < 52_000, `${kept} bytes a stream`);
    });

    it(`${format}: a line without an end, no more than its limit`, async () => {
      const before = await held();
      const judges = Array.from({ length: JUDGES }, () => classifierFor(format));
      const tally = newCounters();
      for (const judge of judges) {
        judge.read(Buffer.from('data: {"a":"'), true, tally);
        for (let n = 0; n < (MAX_EVENT_BYTES * 1.5) / PIECE.length; n++) judge.read(PIECE, true, tally);
        if (format !== 'raw') assert.equal(judge.end(tally).outcome, 'malformed');
      }
      const kept = ((await held()) - before) / judges.length;
      // Once over the limit it is let go.
      assert.ok(kept < 48_000, `${kept} bytes a stream`);
    });
  }

  it('indexes without an end: malformed', () => {
    const tally = newCounters();
    for (const format of ['openai-chat', 'openai-completions', 'anthropic', 'gemini'] as const) {
      const judge = classifierFor(format);
      for (let n = 0; n < 1100; n++) judge.read(Buffer.from(HOARDS[format](n)), true, tally);
      assert.equal(judge.end(tally).outcome, 'malformed');
    }
  });
});
