/**
 * Valid answers, broken at random. Whatever comes of it is one outcome for each stream, no error that nobody
 * catches, and no socket left. `SOAKD_FUZZ_SEED` tries other numbers than those of every day.
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { it } from 'node:test';
import { FORMAT_INFO } from '../../src/catalog/formats.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { FORMATS, type Format } from '../../src/core/scenario.ts';
import { leavesNothingOpen } from './handles.ts';
import { chunked, head, LAST_CHUNK, Peer } from './peer.ts';
import { throughEach } from './transports.ts';
import { type Seen, targetAt, User } from './user.ts';

leavesNothingOpen();

const SEED = Number(process.env.SOAKD_FUZZ_SEED ?? 1);
const STREAMS = 2800;
const USERS = 28;

const DONE = 'data: [DONE]\n\n';
/** The body of a good answer of each format, in pieces. */
const BODIES: Readonly<Record<Format, readonly string[]>> = {
  raw: ['some ', 'text ', 'aß€😀'],
  sse: ['\uFEFFdata: one\r\n\r\n', 'event: x\ndata: two\ndata: lines\n\n', ': ping\n\n', DONE],
  'openai-chat': [
    'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n',
    'data: {"choices":[{"index":0,"delta":{"content":"aß€😀"},"finish_reason":null}]}\n\n',
    ': ping\n\n',
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    DONE,
  ],
  'openai-responses': [
    'event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n',
    'data: {"type":"response.output_text.delta","sequence_number":1,"delta":"a"}\n\n',
    'data: {"type":"response.completed","sequence_number":2,"response":{}}\n\n',
  ],
  anthropic: [
    'data: {"type":"message_start","message":{}}\n\n',
    'data: {"type":"content_block_start","index":0}\n\n',
    'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}\n\n',
    'data: {"type":"content_block_stop","index":0}\n\n',
    'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\n',
    'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  ],
  ollama: ['{"message":{"content":"a"},"done":false}\n', '{"done":true,"done_reason":"stop"}\n'],
  ndjson: ['{"a":1}\n', '{"a":"ß€😀"}\r\n', '\n'],
};

/** A head that announces chunks. */
function chunksHead(format: Format): Buffer {
  const type = FORMAT_INFO[format].contentTypes[0] ?? 'text/plain';
  return Buffer.from(head('200 OK', { 'content-type': type, 'transfer-encoding': 'chunked' }));
}

/** Good answers with each framing, and good ones that are no success. */
function validAnswers(format: Format): readonly Buffer[] {
  const type = FORMAT_INFO[format].contentTypes[0] ?? 'text/plain';
  const body = Buffer.from(BODIES[format].join(''));
  const chunks = Buffer.concat([chunksHead(format), chunked(...BODIES[format])]);
  const answer = (start: string): Buffer => Buffer.concat([Buffer.from(start), body]);
  const framed = head('200 OK', { 'content-type': type, 'content-length': `${body.length}` });
  return [
    Buffer.concat([chunks, Buffer.from(LAST_CHUNK)]),
    Buffer.concat([chunks, Buffer.from('0;last\r\nx-sum: 1\r\nx-more: 2\r\n\r\n')]),
    answer(framed),
    answer(head('200 OK', { 'content-type': type })),
    answer(`HTTP/1.0 200 OK\r\ncontent-type: ${type}\r\n\r\n`),
    answer(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${framed}`),
    Buffer.from(`${head('503 Busy', { 'retry-after': '1', 'content-length': '4' })}busy`),
    Buffer.from(head('302 Found', { location: '/', 'content-length': '0', 'keep-alive': 'timeout=5' })),
    Buffer.from(head('204 No Content', {})),
  ];
}

const VALID = Object.fromEntries(FORMATS.map((format) => [format, validAnswers(format)])) as Record<
  Format,
  readonly Buffer[]
>;

/** Pieces that parsers have had trouble with. */
const SPICE = [
  '\r\n',
  '\r\n\r\n',
  '\r',
  '\0',
  '0\r\n\r\n',
  'ffffffffffffffff\r\n',
  '-1\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\n\r\n',
  'transfer-encoding: chunked\r\n',
  'transfer-encoding: gzip, chunked\r\n',
  'content-length: 3\r\n',
  'content-length: 99999999999999999999\r\n',
  'connection: close\r\n',
  'connection: upgrade\r\nupgrade: x\r\n',
  'keep-alive: timeout=0\r\n',
  'content-encoding: gzip\r\n',
  '__proto__: x\r\n',
  ' folded\r\n',
  ': \r\n',
  'event: error\ndata: {}\n\n',
  'data: {"error":{}}\n\n',
  DONE,
  '\uFEFF',
  '😀',
];

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}

function mutate(valid: Buffer, others: readonly Buffer[], random: Random): Buffer {
  let bytes = Buffer.from(valid);
  const at = (): number => Math.floor(random() * (bytes.length + 1));
  for (let n = Math.floor(random() * random() * 5); n >= 0; n--) {
    const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
    const near = Math.min(to, from + 20);
    const kind = Math.floor(random() * 6);
    if (kind === 0) bytes[from] = Math.floor(random() * 256);
    else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, from), bytes.subarray(near)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, near), bytes.subarray(from)]);
    else if (kind === 3) bytes = bytes.subarray(0, at());
    else if (kind === 4)
      bytes = Buffer.concat([bytes.subarray(0, from), pick(others, random).subarray(at())]);
    else
      bytes = Buffer.concat([
        bytes.subarray(0, from),
        Buffer.from(pick(SPICE, random)),
        bytes.subarray(from),
      ]);
  }
  return bytes;
}

/** A broken answer, or a broken body in an answer that is in order. */
function breakOne(format: Format, random: Random): Buffer {
  const valid = VALID[format];
  if (random() < 0.5) return mutate(pick(valid, random), valid, random);
  const body = Buffer.from(BODIES[format].join(''));
  const broken = mutate(body, [body], random);
  const cut = Math.floor(random() * broken.length);
  const parts = [broken.subarray(0, cut), broken.subarray(cut)].filter(({ length }) => length > 0);
  return Buffer.concat([chunksHead(format), chunked(...parts), Buffer.from(LAST_CHUNK)]);
}

async function serve(socket: net.Socket, format: Format, random: Random): Promise<void> {
  const bytes = breakOne(format, random);
  const reads = 1 + Math.floor(random() * 4);
  for (let i = 0; i < reads && !socket.destroyed; i++) {
    socket.write(bytes.subarray((bytes.length * i) / reads, (bytes.length * (i + 1)) / reads));
    if (i + 1 < reads) await new Promise(setImmediate);
  }
  const end = random();
  // Else it stays open, and what is missing never comes.
  if (end < 0.4) socket.end();
  else if (end < 0.6) socket.resetAndDestroy();
}

throughEach(() => {
  it(`${STREAMS} broken answers, seed ${SEED}`, async (t) => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtExceptionMonitor', note);
    t.after(() => process.off('uncaughtExceptionMonitor', note));

    const counts = new Map<string, number>();
    {
      await using peer = await Peer.listen((socket, nth) => {
        const format = /\/([a-z-]+) /.exec(peer.heads[nth]!)![1] as Format;
        return serve(socket, format, seededRandom(SEED, nth));
      });
      let left = STREAMS;
      const one = async (format: Format): Promise<void> => {
        await using user = new User(
          targetAt(peer.port, {
            format,
            path: `/${format}`,
            timeouts: { ttfbMs: 60, idleMs: 60, totalMs: 1000, lingerMs: 30 },
          }),
        );
        while (left-- > 0) {
          const seen: Seen = await user.run();
          const { outcome, stream } = seen;
          counts.set(outcome!, (counts.get(outcome!) ?? 0) + 1);
          // Neither is anything that a target can do.
          if (outcome === 'generator_lost' || outcome === 'cancelled' || outcome === 'connect_error') {
            assert.fail(`${outcome}: ${stream.detail}`);
          }
        }
      };
      await Promise.all(Array.from({ length: USERS }, (_, i) => one(FORMATS[i % FORMATS.length]!)));
      await peer.released();
    }
    t.diagnostic(JSON.stringify(Object.fromEntries([...counts].sort())));
    assert.deepEqual(uncaught, []);
    assert.equal(
      [...counts.values()].reduce((a, b) => a + b, 0),
      STREAMS,
    );
    for (const outcome of ['complete', 'http_error', 'reset', 'malformed', 'ttfb_timeout', 'truncated']) {
      assert.ok(counts.has(outcome), `no ${outcome}: the mutations are not what they should be`);
    }
  });
});
