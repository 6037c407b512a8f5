/**
 * `node bench/classifiers.ts [--rounds=60]`: what parser and classifier take for a chunk, beside what one would otherwise
 * write: TextDecoder, `eventsource-parser`, JSON.parse, and the content counted. One chunk comes in a read.
 */
import { parseArgs } from 'node:util';
import { createParser } from 'eventsource-parser';
import { type ClassifierFactory, newCounters } from '../src/formats/classifier.ts';
import { codePointsOf } from '../src/formats/code-points.ts';
import { formatNamed } from '../src/formats/list.ts';
import { CASES, type Case } from './classifier-cases.ts';
import { machine, measure, table } from './measure.ts';

/** Streams in one run. */
const STREAMS = 10;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '60' } } });
const rounds = Number(values.rounds);

/** As an engine thread does it: what the streams of a target share is made once. */
function classifyStreams(make: ClassifierFactory, { reads }: Case): number {
  let characters = 0;
  for (let i = 0; i < STREAMS; i++) {
    const classifier = make();
    const counters = newCounters();
    for (const read of reads) classifier.read(read, true, counters);
    classifier.end(counters);
    characters += counters.characters;
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
  const make = formatNamed(one.format).classifier({});
  const [ours, peer] = measure(
    [
      { name: 'soakd', run: () => classifyStreams(make, one) },
      { name: 'peer', run: () => peerStreams(one) },
    ],
    STREAMS * one.reads.length,
    rounds,
  );
  rows.push([one.name, ours!.ns.toFixed(0), peer!.ns.toFixed(0), (peer!.ns / ours!.ns).toFixed(1)]);
}
process.stdout.write(`${machine()}\nmedians of ${rounds} rounds, in turns\n\n${table(rows)}`);
