import type { Random } from '../../src/core/random.ts';
import { FORMATS, type Format, formatNamed } from '../../src/formats/list.ts';
import { chunked, head, LAST_CHUNK } from '../stream/peer.ts';

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
  'openai-completions': [
    'data: {"choices":[{"index":0,"text":"aß€😀","finish_reason":null}]}\n\n',
    'data: {"choices":[{"index":0,"text":"","finish_reason":"stop"}]}\n\n',
    DONE,
  ],
  gemini: [
    'data: {"candidates":[{"content":{"parts":[{"text":"aß€😀"}]},"index":0}]}\n\n',
    'data: {"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}\n\n',
  ],
  cohere: [
    'data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"aß€😀"}}}}\n\n',
    'data: {"type":"message-end","delta":{"finish_reason":"COMPLETE"}}\n\n',
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
  const type = formatNamed(format).contentTypes[0] ?? 'text/plain';
  return Buffer.from(head('200 OK', { 'content-type': type, 'transfer-encoding': 'chunked' }));
}

/** Good answers with each framing, and good ones that are no success. */
function validAnswers(format: Format): readonly Buffer[] {
  const type = formatNamed(format).contentTypes[0] ?? 'text/plain';
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

/** @returns a broken answer, or a broken body in an answer that is in order. */
export function brokenAnswer(format: Format, random: Random): Buffer {
  const valid = VALID[format];
  if (random() < 0.5) return mutate(pick(valid, random), valid, random);
  const body = Buffer.from(BODIES[format].join(''));
  const broken = mutate(body, [body], random);
  const cut = Math.floor(random() * broken.length);
  const parts = [broken.subarray(0, cut), broken.subarray(cut)].filter(({ length }) => length > 0);
  return Buffer.concat([chunksHead(format), chunked(...parts), Buffer.from(LAST_CHUNK)]);
}
