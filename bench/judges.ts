/**
 * `node bench/judges.ts [--rounds=60]`: what parser and judge take for a chunk, beside what one would otherwise
 * write: TextDecoder, `eventsource-parser`, JSON.parse, and the content counted. One chunk comes in a read.
 */
import { parseArgs } from 'node:util';
import { createParser } from 'eventsource-parser';
import { codePointsOf } from '../src/stream/code-points.ts';
import type { Tally } from '../src/stream/judge.ts';
import { judgeFor } from '../src/stream/judges/by-format.ts';
import { CASES, type Case } from './judge-cases.ts';
import { machine, measure, table } from './measure.ts';

/** Streams in one run. */
const STREAMS = 10;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' } } });
const rounds = Number(values.rounds);

function judgeStreams({ format, reads }: Case): number {
  let characters = 0;
  for (let i = 0; i < STREAMS; i++) {
    const judge = judgeFor(format, undefined);
    const tally: Tally = { chunks: 0, contentChunks: 0, keepalives: 0, characters: 0 };
    for (const read of reads) judge.read(read, true, tally);
    judge.end(tally);
    characters += tally.characters;
  }
  return characters;
}

/** What the content of a value is, as a program of ten lines would ask for it. */
// biome-ignore lint/suspicious/noExplicitAny: as such programs do
const CONTENT: Readonly<Record<string, (value: any) => string>> = {
  'openai-chat': (value) => value.choices[0]?.delta?.content ?? '',
  anthropic: (value) => (value.type === 'content_block_delta' ? value.delta.text : ''),
  'openai-responses': (value) => (value.type === 'response.output_text.delta' ? value.delta : ''),
  ollama: (value) => value.message.content,
};

function peerStreams({ format, reads }: Case): number {
  let characters = 0;
  const contentOf = CONTENT[format];
  const count = (data: string): void => {
    if (contentOf === undefined) characters += codePointsOf(data);
    else if (data !== '[DONE]') characters += codePointsOf(contentOf(JSON.parse(data)));
  };
  for (let i = 0; i < STREAMS; i++) {
    const decoder = new TextDecoder();
    if (format === 'raw') for (const read of reads) count(decoder.decode(read, { stream: true }));
    else if (format === 'ollama') {
      let rest = '';
      for (const read of reads) {
        const lines = (rest + decoder.decode(read, { stream: true })).split('\n');
        rest = lines.pop()!;
        for (const line of lines) count(line);
      }
    } else {
      const parser = createParser({ onEvent: ({ data }) => count(data) });
      for (const read of reads) parser.feed(decoder.decode(read, { stream: true }));
    }
  }
  return characters;
}

const rows = [['ns a chunk', 'soakd', 'peer', 'peer ÷ soakd']];
for (const one of CASES) {
  const [ours, peer] = measure(
    [
      { name: 'soakd', run: () => judgeStreams(one) },
      { name: 'peer', run: () => peerStreams(one) },
    ],
    STREAMS * one.reads.length,
    rounds,
  );
  rows.push([one.name, ours!.ns.toFixed(0), peer!.ns.toFixed(0), (peer!.ns / ours!.ns).toFixed(1)]);
}
process.stdout.write(`${machine()}\nmedians of ${rounds} rounds, in turns\n\n${table(rows)}`);
