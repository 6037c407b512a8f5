import type { Format } from '../src/formats/list.ts';

/** One stream of one kind, in chunks that come in a read each. */
export interface Case {
  readonly name: string;
  readonly format: Format;
  readonly reads: readonly Buffer[];
}

/** Chunks in a stream. */
const CHUNKS = 500;
const WORDS = [
  ' the',
  ' stream',
  ' holds',
  ' a',
  ' few',
  ' words',
  ',',
  ' Straße',
  ' naïve',
  '.\\n',
  ' "so"',
  ' €5',
];

const word = (n: number): string => WORDS[n % WORDS.length]!;
const quoted = (n: number): string => JSON.stringify(word(n)).slice(1, -1);
const event = (json: string): string => `data: ${json}\n\n`;

function stream(name: string, format: Format, chunk: (n: number) => string, last = ''): Case {
  const texts = Array.from({ length: CHUNKS }, (_, n) => chunk(n));
  const mean = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / CHUNKS;
  const all = last === '' ? texts : [...texts, last];
  return { name: `${name}, ${mean.toFixed(0)} bytes`, format, reads: all.map((text) => Buffer.from(text)) };
}

const chat = (id: string, n: number): string =>
  event(
    `{"id":"chatcmpl-${id}","object":"chat.completion.chunk","created":1754000000,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_44709d6fcb","choices":[{"index":0,"delta":{"content":"${quoted(n)}"},"logprobs":null,"finish_reason":null}]}`,
  );
const CHAT_END = event('{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}') + event('[DONE]');

export const CASES: readonly Case[] = [
  stream('raw', 'raw', (n) => word(n).padEnd(15, '.').slice(0, 15)),
  stream('SSE event', 'sse', (n) => event(`{"n":${100 + (n % 900)},"token":"${quoted(n)}"}`.padEnd(32))),
  stream('OpenAI chunk', 'openai-chat', (n) => chat('B9MHDbslfkBeAs8l', n), CHAT_END),
  // Some gateways do so; nothing can be known again.
  stream('OpenAI chunk, an id each', 'openai-chat', (n) => chat(`${n}`.padStart(16, 'x'), n), CHAT_END),
  stream(
    'Anthropic delta',
    'anthropic',
    (n) =>
      `event: content_block_delta\n${event(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${quoted(n)}"}}`)}`,
  ),
  stream(
    'Responses delta',
    'openai-responses',
    (n) =>
      `event: response.output_text.delta\n${event(`{"type":"response.output_text.delta","sequence_number":${n},"item_id":"msg_6890b1c2d3e4f5061728394a5b6c7d8e","output_index":0,"content_index":0,"delta":"${quoted(n)}","logprobs":[]}`)}`,
  ),
  stream(
    'Ollama line',
    'ollama',
    (n) =>
      `{"model":"llama3.2","created_at":"2025-08-01T10:00:${10 + (n % 50)}.${499_000_000 + n}Z","message":{"role":"assistant","content":"${quoted(n)}"},"done":false}\n`,
  ),
];
