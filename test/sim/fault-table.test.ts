/** Every fault in every format: what really goes over the wire, and what the books say of it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { FAULT_INFO } from '../../src/catalog/faults.ts';
import { FAULTS, type Fault } from '../../src/core/simulator.ts';
import { FORMATS, type Format } from '../../src/formats/list.ts';
import { ENCODINGS } from '../../src/sim/encodings/by-format.ts';
import { expectedOutcome } from '../../src/sim/expected.ts';
import { buildFrames } from '../../src/sim/frames.ts';
import type { StreamRecord } from '../../src/sim/ledger.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { balances, finishedRecord, OPENING, PATHS, TINY } from './client.ts';
import { overTheWire, type Wired, type Wiring } from './wire.ts';

const CHUNKS = 12;
const HALF = CHUNKS / 2;

/** A text that only the end of a whole answer holds. */
const END: Readonly<Record<Format, string | undefined>> = {
  raw: undefined,
  sse: 'data: [DONE]\n\n',
  'openai-chat': 'data: [DONE]\n\n',
  'openai-completions': 'data: [DONE]\n\n',
  'openai-responses': '"type":"response.completed"',
  anthropic: '"type":"message_stop"',
  gemini: '"finishReason":"STOP"',
  cohere: '"finish_reason":"COMPLETE"',
  ollama: '"done":true',
  ndjson: '{"done":true}\n',
};

interface Seen {
  readonly got: Wired;
  readonly record: StreamRecord;
  readonly format: Format;
  /** Whether the end of a whole answer was there. */
  readonly whole: boolean;
  readonly text: string;
}

interface Expectation {
  readonly wiring?: Wiring;
  readonly framing: Wired['framing'];
  readonly connection: Wired['connection'];
  /** Chunks in the books, without the opening; absent: not known beforehand. */
  readonly chunks?: number;
  readonly whole?: boolean;
  readonly status?: number;
  /** Bytes may have been on the way when the client left. */
  readonly left?: boolean;
  readonly check?: (seen: Seen) => void;
}

/** Closing events of each format. */
const CLOSING: Readonly<Record<Format, number>> = {
  raw: 0,
  sse: 1,
  'openai-chat': 2,
  'openai-completions': 2,
  'openai-responses': 1,
  anthropic: 3,
  gemini: 1,
  cohere: 2,
  ollama: 1,
  ndjson: 1,
};

const REFUSED = { framing: 'ended', connection: 'open', chunks: Number.NaN } as const;
const HALVED = { chunks: HALF, whole: false } as const;

const WANTED: Readonly<Record<Fault, Expectation>> = {
  http503: { ...REFUSED, status: 503, check: ({ text }) => assert.ok(JSON.parse(text).error) },
  http429: { ...REFUSED, status: 429, check: ({ text }) => assert.ok(JSON.parse(text).error) },
  redirect: {
    ...REFUSED,
    status: 302,
    check: ({ got }) => assert.match(got.headers.location!, /^http:\/\/[a-z]+\.invalid\//),
  },
  html: {
    ...REFUSED,
    check: ({ got, text }) => {
      assert.match(got.headers['content-type']!, /^text\/html/);
      assert.match(text, /^<!doctype html>/);
    },
  },
  gzip: {
    ...REFUSED,
    check: ({ got, format }) => {
      assert.equal(got.headers['content-encoding'], 'gzip');
      assert.ok(gunzipSync(got.body).includes(END[format] ?? ''));
    },
  },
  noFirstByte: {
    framing: 'open',
    connection: 'open',
    chunks: Number.NaN,
    check: ({ got, record }) => assert.deepEqual([got.bytes, record.ttfbMs], [0, null]),
  },
  acceptOnly: {
    framing: 'none',
    connection: 'open',
    chunks: Number.NaN,
    check: ({ got, record }) => assert.deepEqual([got.raw.length, record.status], [0, null]),
  },
  stall: { ...HALVED, framing: 'open', connection: 'open' },
  trickle: {
    framing: 'open',
    connection: 'open',
    whole: false,
    wiring: { quietMs: 5000, leaveAfterMs: 2500 },
    check: ({ got }) => {
      const slow = got.pieces.filter((piece) => piece.length === 1 && piece[0] === 0x78);
      assert.ok(slow.length >= 1 && slow.length <= 4, `${slow.length} bytes in 2.5 s`);
    },
  },
  endless: {
    framing: 'open',
    connection: 'open',
    whole: false,
    left: true,
    wiring: { quietMs: 5000, leaveAfter: 20_000 },
    check: ({ got }) => assert.ok(got.pieces.length > 5 * CHUNKS),
  },
  keepaliveOnly: {
    framing: 'open',
    connection: 'open',
    chunks: Number.NaN,
    left: true,
    wiring: { quietMs: 5000, leaveAfter: 400 },
    check: ({ text }) => assert.match(text, /^(?:: ping\n\n|\n){3,}$/),
  },
  inbandError: {
    framing: 'ended',
    connection: 'open',
    chunks: HALF + 1,
    whole: false,
    check: ({ text }) => assert.match(text, /"error"[^\n]*\n\n?$/),
  },
  truncate: { ...HALVED, framing: 'ended', connection: 'open' },
  reset: { ...HALVED, framing: 'inside', connection: 'rst' },
  finMidChunk: { ...HALVED, framing: 'inside', connection: 'fin' },
  contentLengthShort: { ...HALVED, framing: 'inside', connection: 'fin' },
  garbage: {
    framing: 'none',
    connection: 'fin',
    chunks: Number.NaN,
    check: ({ got }) => assert.ok(got.raw.length > 100 && !got.raw.includes('HTTP')),
  },
  badChunk: { ...HALVED, framing: 'broken', connection: 'fin' },
  hugeLine: {
    framing: 'open',
    connection: 'open',
    whole: false,
    left: true,
    wiring: { quietMs: 5000, leaveAfter: 3_000_000 },
    check: ({ got }) => assert.ok(got.body.subarray(-1_500_000).every((byte) => byte === 0x78)),
  },
  dataAfterEnd: {
    framing: 'ended',
    connection: 'open',
    chunks: CHUNKS + 1,
    whole: true,
    check: ({ text, format }) => assert.match(text.slice(text.lastIndexOf(END[format]!)), /more/),
  },
  halfOpen: { framing: 'open', connection: 'open', chunks: CHUNKS, whole: true },
  splitUtf8: {
    framing: 'ended',
    connection: 'open',
    chunks: CHUNKS,
    whole: true,
    check: ({ got, text }) => {
      const parted = got.pieces.filter((piece) => piece.toString().includes('\ufffd'));
      assert.equal(parted.length, 2 * CHUNKS, 'each chunk is in two pieces that are no UTF-8');
      assert.ok(!text.includes('\ufffd'), 'together they are');
    },
  },
  commentsWithin: {
    framing: 'ended',
    connection: 'open',
    chunks: CHUNKS,
    whole: true,
    check: ({ got }) => {
      const comments = got.pieces.filter((piece) => /^(: ping\n\n|\n)$/.test(piece.toString()));
      assert.equal(comments.length, CHUNKS);
    },
  },
  closeDelimited: {
    framing: 'ended',
    connection: 'fin',
    chunks: CHUNKS,
    whole: true,
    check: ({ got }) => assert.ok(!('transfer-encoding' in got.headers || 'content-length' in got.headers)),
  },
};

/** A line of 100 MB is an answer like any other where there are no lines: see below. */
const CASES = FORMATS.flatMap((format) =>
  FAULTS.filter((fault) => fault !== 'hugeLine' || format !== 'raw').map((fault) => [format, fault] as const),
);

describe('every fault in every format', { concurrency: true }, () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator({ ...TINY, chunks: { kind: 'fixed', value: CHUNKS } });
  });
  after(async () => {
    const truth = simulator.groundTruth();
    await simulator.close();
    assert.ok(balances(truth));
    assert.deepEqual([truth.started, truth.active, truth.finished.cancelled], [CASES.length, 0, 0]);
  });

  for (const format of FORMATS) {
    describe(format, { concurrency: 4 }, () => {
      for (const [, fault] of CASES.filter(([of]) => of === format)) {
        it(`${fault}: ${expectedOutcome(fault, format) ?? 'a good answer'}`, () =>
          meet(simulator, fault, format));
      }
    });
  }
});

async function meet(simulator: Simulator, fault: Fault, format: Format): Promise<void> {
  const id = `${format}-${fault}`;
  const outcome = expectedOutcome(fault, format);
  // Where the format has no such error, it breaks; where it cannot have the fault, nothing is wrong.
  const silent = fault === 'inbandError' && outcome === 'reset';
  const wanted: Expectation = silent
    ? WANTED.reset
    : outcome === undefined
      ? { framing: 'ended', connection: 'open', chunks: CHUNKS, whole: true }
      : WANTED[fault];
  // A connection that ends is waited for: on a busy machine it can take seconds.
  const quietMs = wanted.connection === 'open' ? 2000 : 15_000;
  const got = await overTheWire(simulator.port, PATHS[format], { id, fault, quietMs, ...wanted.wiring });
  const record = await finishedRecord(simulator.url, id);
  const text = got.body.toString();
  const end = END[format];
  const seen = { got, record, format, text, whole: end === undefined || text.includes(end) };

  assert.equal(got.connection, wanted.connection);
  // Who leaves may do so inside a chunk.
  if (wanted.left !== true) assert.equal(got.framing, wanted.framing);
  assert.equal(record.outcome, outcome ?? 'complete');
  assert.equal(record.fault, outcome === undefined ? null : fault);
  assert.equal(record.format, format);
  if (wanted.status !== undefined)
    assert.deepEqual([got.status, record.status], [wanted.status, wanted.status]);
  if (wanted.whole !== undefined && end !== undefined) assert.equal(seen.whole, wanted.whole);
  if (wanted.left !== true) assert.equal(record.bytes, got.bytes, 'bytes in the books');
  else assert.ok(record.bytes >= got.bytes, 'no more came than went');
  if (wanted.chunks !== undefined) {
    // Not a number: no part of the answer. A page of HTML is an answer to whoever takes any.
    const none = Number.isNaN(wanted.chunks);
    const closing = wanted.whole === true ? CLOSING[format] : 0;
    const page = fault === 'html' && format === 'raw' ? 1 : 0;
    // On raw every write is a chunk, half a character too.
    const halves = fault === 'splitUtf8' && format === 'raw' ? 2 : 1;
    assert.equal(record.chunks, none ? page : halves * wanted.chunks + OPENING[format] + closing);
  }
  if (outcome !== undefined && !silent) wanted.check?.(seen);
}

describe('a line of 100 MB', () => {
  for (const format of ['sse', 'raw', 'ollama'] as const) {
    it(`goes out whole, and is never held in memory (${format})`, async (t) => {
      const simulator = await startSimulator({ ...TINY, chunks: { kind: 'fixed', value: 2 } });
      t.after(() => simulator.close());
      const before = process.memoryUsage.rss();
      let most = 0;
      const watch = setInterval(() => {
        most = Math.max(most, process.memoryUsage.rss() - before);
      }, 20);
      const got = await overTheWire(simulator.port, PATHS[format], { id: 'one', fault: 'hugeLine' });
      clearInterval(watch);
      const record = await finishedRecord(simulator.url, 'one');
      assert.equal(record.outcome, format === 'raw' ? 'complete' : 'malformed');
      assert.ok(record.bytes > 100_000_000 && got.bytes > record.bytes);
      // The client is in this process too, and keeps 4 MB.
      assert.ok(most < 90_000_000, `${most} bytes more at the most`);
    });
  }
});

describe('the table of faults', () => {
  it('has an outcome wherever there is a fault', () => {
    for (const fault of FAULTS) {
      assert.ok(FAULT_INFO[fault].help.length > 10);
      for (const format of FORMATS) {
        const can = expectedOutcome(fault, format) !== undefined;
        const { keepalive, afterEnd } = buildFrames(format);
        const end = { index: 0, chunks: 0, limited: false, promptTokens: 0, usage: false };
        if (fault === 'keepaliveOnly' || fault === 'commentsWithin')
          assert.equal(can, keepalive !== undefined);
        else if (fault === 'dataAfterEnd') assert.equal(can, afterEnd(end).length > 0);
        else assert.ok(can);
      }
    }
  });
});

describe('docs/simulator.md', () => {
  const docs = readFileSync(join(import.meta.dirname, '../../docs/simulator.md'), 'utf8');

  it('has the table of faults that the code has', () => {
    const rows = Object.entries(FAULT_INFO).map(([fault, { help, outcome }]) => {
      const others = FORMATS.flatMap((format) => {
        const other = ENCODINGS[format].faults?.[fault as Fault];
        if (other === undefined) return [];
        return [`\`${format}\`: ${other === null ? 'no fault, `complete`' : `\`${other}\``}`];
      });
      return `| \`${fault}\` | ${help} | \`${outcome}\` | ${others.join(', ')} |`;
    });
    const table = docs.split('\n').filter((line) => /^\| `\w+` \| .* \| `\w+` \| .*\|$/.test(line));
    assert.deepEqual(table, rows);
  });
});
