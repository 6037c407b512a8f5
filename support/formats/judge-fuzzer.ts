/** Random bytes and broken streams for the judges: for a test of seconds, and for `bench/fuzz-classifiers.ts`. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { OUTCOMES, type Outcome } from '../../src/core/outcome.ts';
import { type Random, seededRandom } from '../../src/core/random.ts';
import type { Terminal } from '../../src/core/target.ts';
import {
  type ClassifierResult,
  newCounters,
  type StreamClassifier,
  type StreamCounters,
} from '../../src/formats/classifier.ts';
import { classifierFor, FORMATS, type Format } from '../../src/formats/list.ts';

const event = (json: object): string => `data: ${JSON.stringify(json)}\n\n`;
const named = (type: string, rest: object): string => `event: ${type}\n${event({ type, ...rest })}`;
const chat = (delta: object, finish_reason: string | null = null, index = 0): string =>
  event({ id: 'chatcmpl-1', choices: [{ index, delta, finish_reason }] });
const DONE = 'data: [DONE]\n\n';

/** Good streams, in pieces; the pieces of all formats are mixed into each other too. */
const PIECES: Readonly<Record<Format, readonly string[]>> = {
  raw: ['some ', 'text ', 'aß€😀', 'END'],
  sse: [
    '\uFEFFdata: one\r\n\r\n',
    'event: x\ndata: two\ndata: lines\n\n',
    ': ping\r\r',
    'id: 1\nretry: 5\n\n',
    DONE,
  ],
  'openai-chat': [
    chat({ role: 'assistant', content: '' }),
    chat({ content: 'aß€😀' }),
    chat({ content: ' "b"\n' }),
    chat({ reasoning_content: 'c', tool_calls: [{ function: { arguments: '{}' } }] }, null, 1),
    ': ping\n\n',
    chat({}, 'stop'),
    chat({}, 'length', 1),
    event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }),
    DONE,
  ],
  'openai-completions': [
    event({ choices: [{ index: 0, text: 'aß€😀', finish_reason: null }] }),
    event({ choices: [{ index: 0, text: ' "b"\n', logprobs: null, finish_reason: null }] }),
    event({ choices: [{ index: 0, text: '', finish_reason: 'stop' }] }),
    DONE,
  ],
  gemini: [
    event({
      candidates: [{ content: { parts: [{ text: 'aß€😀' }] } }],
      usageMetadata: { promptTokenCount: 1 },
    }),
    event({
      candidates: [{ content: { parts: [{ functionCall: { name: 'f', args: { a: 1 } } }] }, index: 0 }],
    }),
    event({ candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }] }),
  ],
  cohere: [
    named('message-start', { delta: { message: { role: 'assistant' } } }),
    named('content-delta', { index: 0, delta: { message: { content: { text: 'aß€😀' } } } }),
    named('tool-call-start', {
      delta: { message: { tool_calls: { function: { name: 'f', arguments: '' } } } },
    }),
    named('message-end', { delta: { finish_reason: 'COMPLETE', usage: { tokens: { output_tokens: 2 } } } }),
  ],
  'openai-responses': [
    named('response.created', { sequence_number: 0, response: {} }),
    named('response.output_text.delta', { sequence_number: 1, delta: 'a' }),
    named('response.output_text.delta', { sequence_number: 2, delta: 'ß😀' }),
    named('response.completed', {
      sequence_number: 3,
      response: { usage: { input_tokens: 1, output_tokens: 2 } },
    }),
  ],
  anthropic: [
    named('message_start', { message: { usage: { input_tokens: 5 } } }),
    named('content_block_start', { index: 0 }),
    named('ping', {}),
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'a' } }),
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'ß😀' } }),
    named('content_block_stop', { index: 0 }),
    named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 9 } }),
    named('message_stop', {}),
  ],
  ollama: [
    '{"message":{"content":"a"},"done":false}\n',
    '{"response":"ß😀","done":false}\r\n',
    '{"done":true,"done_reason":"stop","eval_count":2}\n',
  ],
  ndjson: ['{"a":1}\n', '{"a":"ß€😀"}\r\n', '\n', '{"state":{"over":"yes"}}\n'],
};
const ERRORS = [
  'event: error\ndata: {}\n\n',
  'data: {"error":{"code":1}}\n\n',
  'data: {"type":"error"}\n\n',
  '{"error":"x"}\n',
  chat({}, 'error'),
];
const ALL = [...FORMATS.flatMap((format) => PIECES[format]), ...ERRORS, ...ERRORS];

const TERMINALS: readonly (Terminal | undefined)[] = [
  undefined,
  { kind: 'data', data: '[DONE]' },
  { kind: 'data', data: 'END' },
  { kind: 'event', event: 'x' },
  { kind: 'path', path: 'state.over', equals: 'yes' },
  { kind: 'path', path: 'choices.0.finish_reason' },
];

/** What parsers of lines, of JSON and of UTF-8 have had trouble with. */
const SPICE = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  '"',
  '\\',
  '\\ud83d',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'data:',
  'event: error\n',
  '\uFEFF',
  '😀',
  '__proto__',
  'null',
  '1e999',
  '-0',
];

const below = (n: number, random: Random): number => Math.floor(random() * n);
const pick = <T>(from: readonly T[], random: Random): T => from[below(from.length, random)]!;

function randomBytes(length: number, random: Random): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  // Now and then only bytes that such texts are made of.
  const table =
    random() < 0.5 ? Buffer.from('\n\r:{}[]",\\ datevn0123456789utrflse.-\xef\xbb\xbf', 'latin1') : undefined;
  for (let i = 0; i < length; i++)
    bytes[i] = table === undefined ? below(256, random) : pick(table as never, random);
  return bytes;
}

/** A stream in order but for a few changes, or pieces of any streams one after another. */
function brokenStream(format: Format, random: Random): Buffer {
  const pieces =
    random() < 0.8
      ? PIECES[format]
      : Array.from({ length: below(12, random) }, () => pick(random() < 0.7 ? PIECES[format] : ALL, random));
  let bytes = Buffer.from(pieces.join(''));
  for (let n = below(4, random); n > 0; n--) {
    const at = below(bytes.length + 1, random);
    const to = Math.min(bytes.length, at + below(12, random));
    const kind = below(5, random);
    const head = bytes.subarray(0, at);
    if (kind === 0 && at < bytes.length) bytes[at] = below(256, random);
    else if (kind === 1) bytes = Buffer.concat([head, bytes.subarray(to)]);
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
    else if (kind === 3) bytes = Buffer.from(head);
    else bytes = Buffer.concat([head, Buffer.from(pick(SPICE, random)), bytes.subarray(at)]);
  }
  return bytes;
}

function split(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: below(5, random) }, () => below(bytes.length + 1, random));
  const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const emptyTally = (): StreamCounters => newCounters();

/** Feeds reads, and fails on what no body can justify. @returns the last finding */
function feed(
  judge: StreamClassifier,
  reads: readonly Buffer[],
  tally: StreamCounters,
  before?: ClassifierResult,
): ClassifierResult | undefined {
  let found = before;
  for (const read of reads) {
    const { chunks, characters } = tally;
    const now = judge.read(read, true, tally);
    // Only a success can still turn into something else.
    const isFinal = found !== undefined && found.outcome !== 'complete' && found.outcome !== 'limited';
    if (isFinal) assert.deepEqual(now, found);
    else if (found !== undefined) assert.ok(now, 'a finding was forgotten');
    assert.ok(tally.chunks >= chunks && tally.characters >= characters, 'a tally shrank');
    assert.ok(tally.contentChunks <= tally.chunks, 'more chunks with content than chunks');
    found = now;
  }
  return found;
}

/** Judges that see streams without an end, which is where a store that grows would show. */
interface Endless {
  readonly format: Format;
  readonly judge: StreamClassifier;
  readonly tally: StreamCounters;
  finding: ClassifierResult | undefined;
}

export class JudgeFuzzer {
  readonly #random: Random;
  readonly #endless: Endless[];
  readonly outcomes = new Map<Outcome, number>();
  streams = 0;
  bytes = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#endless = FORMATS.flatMap((format) =>
      TERMINALS.map((terminal) => ({
        format,
        judge: classifierFor(format, { terminal }),
        tally: emptyTally(),
        finding: undefined,
      })),
    );
  }

  /** One stream of each format, whole and in pieces, and more for the endless ones. */
  round(): void {
    for (const format of FORMATS) {
      const bytes = this.#body(format);
      const terminal = pick(TERMINALS, this.#random);
      const whole = this.#judge(format, terminal, [bytes]);
      // A chunk of a raw stream is a read.
      if (format === 'raw') continue;
      const pieces = this.#judge(format, terminal, split(bytes, this.#random));
      if (!isDeepStrictEqual(pieces, whole)) {
        assert.deepEqual(pieces, whole, `${format} ${JSON.stringify(terminal)} ${bytes.toString('base64')}`);
      }
    }
    const one = pick(this.#endless, this.#random);
    const more = this.#body(one.format);
    this.bytes += more.length;
    one.finding = feed(one.judge, split(more, this.#random), one.tally, one.finding);
  }

  #body(format: Format): Buffer {
    const random = this.#random;
    return random() < 0.3 ? randomBytes(below(600, random), random) : brokenStream(format, random);
  }

  #judge(
    format: Format,
    terminal: Terminal | undefined,
    reads: readonly Buffer[],
  ): [ClassifierResult, StreamCounters] {
    const judge = classifierFor(format, { terminal });
    const tally = emptyTally();
    const found = feed(judge, reads, tally);
    const last = judge.end(tally);
    if (found !== undefined && found.outcome !== 'complete' && found.outcome !== 'limited')
      assert.deepEqual(last, found);
    assert.ok(OUTCOMES.includes(last.outcome), last.outcome);
    this.outcomes.set(last.outcome, (this.outcomes.get(last.outcome) ?? 0) + 1);
    this.streams++;
    for (const read of reads) this.bytes += read.length;
    return [last, tally];
  }
}
