/** Judges by their fast roads and by the plain one: the same findings and tallies after every read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Finding, Judge, Tally } from '../../src/stream/judge.ts';
import { AnthropicJudge } from '../../src/stream/judges/anthropic.ts';
import { parseChatChunk } from '../../src/stream/judges/chat-chunk.ts';
import {
  messageDeltas,
  type ScanDelta,
  scanMessageDelta,
  scanOllamaLine,
  scanResponseDelta,
} from '../../src/stream/judges/delta-scan.ts';
import { OllamaJudge } from '../../src/stream/judges/ndjson.ts';
import { OpenAiChatJudge } from '../../src/stream/judges/openai-chat.ts';
import { OpenAiResponsesJudge } from '../../src/stream/judges/openai-responses.ts';
import { anthropicEvent, chatChunk, ollamaLine, responsesEvent } from './json-documents.ts';
import { mutate, mutations, type Node, style, write } from './json-writer.ts';

/** What was found after each read and at the end, and what was counted. */
function judged(judge: Judge, reads: readonly Uint8Array[]): unknown {
  const tally: Tally = { chunks: 0, contentChunks: 0, keepalives: 0, characters: 0 };
  const found: (Finding | undefined)[] = reads.map((bytes) => judge.read(Buffer.from(bytes), true, tally));
  return [...found, judge.end(tally), tally];
}

describe('judges by the fast road and by the plain one', () => {
  const PLAIN: ScanDelta = () => -1;
  const cases: [string, fc.Arbitrary<Node>, string, () => Judge, () => Judge, (() => ScanDelta)?][] = [
    [
      'openai-chat',
      chatChunk,
      '[DONE]',
      () => new OpenAiChatJudge(),
      () => new OpenAiChatJudge(parseChatChunk),
    ],
    [
      'anthropic',
      anthropicEvent,
      '{"type":"message_stop"}',
      () => new AnthropicJudge(),
      () => new AnthropicJudge(PLAIN),
      messageDeltas,
    ],
    [
      'anthropic',
      anthropicEvent,
      '{"type":"message_stop"}',
      () => new AnthropicJudge(scanMessageDelta),
      () => new AnthropicJudge(PLAIN),
      () => scanMessageDelta,
    ],
    [
      'openai-responses',
      responsesEvent,
      '{"type":"response.completed"}',
      () => new OpenAiResponsesJudge(),
      () => new OpenAiResponsesJudge(PLAIN),
      () => scanResponseDelta,
    ],
    [
      'ollama',
      ollamaLine,
      '{"done":true}',
      () => new OllamaJudge(),
      () => new OllamaJudge(PLAIN),
      () => scanOllamaLine,
    ],
  ];
  for (const [format, node, last, fast, plain, scan] of cases) {
    const isLines = format === 'ollama';
    // A line end inside an event would end its line.
    const document = fc
      .tuple(node, style)
      .map(([value, choices]) => write(value, choices).replace(/[\r\n]/g, ' '));
    const events = fc.array(fc.tuple(document, fc.nat({ max: 2 })), { maxLength: 5 }).map((docs) =>
      // Some events come again, as those of a stream are mostly alike.
      docs.flatMap(([doc, again]) => Array<string>(again + 1).fill(doc)),
    );
    const body = fc
      .tuple(events, fc.boolean())
      .map(([docs, isEnded]) =>
        (isEnded ? [...docs, last] : docs).map((doc) => (isLines ? `${doc}\n` : `data: ${doc}\n\n`)).join(''),
      );

    it(`${format}: random streams, mutations and splits`, () => {
      fc.assert(
        fc.property(
          body,
          fc.option(mutations),
          fc.array(fc.nat({ max: 900 }), { maxLength: 4 }),
          (whole, changes, cuts) => {
            const bytes = changes === null ? Buffer.from(whole) : mutate(Buffer.from(whole), changes);
            const at = [0, ...cuts.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
            const reads = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
            assert.deepEqual(judged(fast(), reads), judged(plain(), reads));
          },
        ),
        { numRuns: 5000 },
      );
    });

    if (scan !== undefined) {
      it(`${format}: the fast road is taken`, () => {
        let taken = 0;
        fc.assert(
          fc.property(document, (doc) => {
            const bytes = Buffer.from(doc);
            if (scan()(bytes, 0, bytes.length) >= 0) taken++;
          }),
          { numRuns: 1000 },
        );
        assert.ok(taken > 30, `${taken} of 1000`);
      });
    }
  }

  it('a text that does not count is not taken for the one that does', () => {
    const delta = (thinking: string): Buffer =>
      Buffer.from(
        `{"type":"content_block_delta","delta":{"type":"text_delta","text":"ab","thinking":"${thinking}"}}`,
      );
    const scan = messageDeltas();
    for (const thinking of ['xy', 'xyz', '']) {
      const bytes = delta(thinking);
      assert.equal(scan(bytes, 0, bytes.length), 2);
    }
  });
});
