/** The fast roads through JSON say what the plain ones say, or leave it to them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { codePointsOf } from '../../src/stream/code-points.ts';
import { JsonCursor } from '../../src/stream/json-cursor.ts';
import { skipSpace, skipValue } from '../../src/stream/json-skip.ts';
import { ChatChunk, parseChatChunk } from '../../src/stream/judges/chat-chunk.ts';
import { chatReader, scanChatChunk } from '../../src/stream/judges/chat-scan.ts';
import { chatChunk, text } from './json-documents.ts';
import { mutate, mutations, style, write } from './json-writer.ts';

/** Bytes amid others, as they lie in a read: at an offset, as a buffer or not. */
function placed(bytes: Uint8Array, offset: number): [Uint8Array, number, number] {
  const pad = Buffer.from('1"]}\\u '.repeat(6).slice(0, offset % 40));
  const whole = Buffer.concat([pad, bytes, Buffer.from('"}]}1')]);
  return [offset % 3 === 0 ? new Uint8Array(whole) : whole, pad.length, pad.length + bytes.length];
}

const of = (chunk: ChatChunk): unknown => ({
  characters: chunk.characters,
  indexes: chunk.indexes.slice(0, chunk.choices),
  finishes: chunk.finishes.slice(0, chunk.choices),
  usage: [chunk.inputTokens, chunk.outputTokens],
});

describe('the scan of a chunk', () => {
  const at = fc.nat({ max: 100 });
  const chunk = new ChatChunk();

  /** @returns whether the fast road took it */
  function agree(bytes: Uint8Array, offset: number): boolean {
    if (!scanChatChunk(...placed(bytes, offset), chunk)) return false;
    const fast = of(chunk);
    const finding = parseChatChunk(...placed(bytes, offset), chunk);
    assert.deepEqual([finding, fast], [undefined, of(chunk)], Buffer.from(bytes).toString());
    return true;
  }

  it('random chunks', (t) => {
    let taken = 0;
    fc.assert(
      fc.property(chatChunk, style, at, (node, choices, offset) => {
        if (agree(Buffer.from(write(node, choices)), offset)) taken++;
      }),
      { numRuns: 10_000 },
    );
    t.diagnostic(`${taken} of 10000 by the fast road`);
    assert.ok(
      taken > 2500 && taken < 9500,
      `${taken} by the fast road: the chunks are not what they should be`,
    );
  });

  it('mutated chunks', (t) => {
    let taken = 0;
    fc.assert(
      fc.property(chatChunk, style, at, mutations, (node, choices, offset, changes) => {
        if (agree(mutate(Buffer.from(write(node, choices)), changes), offset)) taken++;
      }),
      { numRuns: 10_000 },
    );
    t.diagnostic(`${taken} of 10000 by the fast road`);
    assert.ok(taken > 500, `${taken} by the fast road`);
  });

  const TAKEN: Readonly<Record<string, [string, number, number[], number[], (number | undefined)[]]>> = {
    'no choices': ['{}', 0, [], [], [undefined, undefined]],
    'an error that is null': ['{"error":null,"choices":[]}', 0, [], [], [undefined, undefined]],
    'a pair in escapes is one code point': [
      '{"choices":[{"delta":{"content":"\\ud83d\\uDE00\\n€😀"}}]}',
      4,
      [0],
      [0],
      [undefined, undefined],
    ],
    'braces and quotes in strings': [
      '{"id":"\\"}]{","choices":[{"finish_reason":"stop","index":3,"delta":{"content":"}\\""}}]}',
      2,
      [3],
      [1],
      [undefined, undefined],
    ],
    usage: [
      '{"choices":[],"usage":{"prompt_tokens":12,"completion_tokens":0,"x":{"y":[1.5e3]}}}',
      0,
      [],
      [],
      [12, 0],
    ],
    'several fields': [
      '{"choices":[{"index":1,"finish_reason":"length","delta":{"reasoning":"a","content":"b","refusal":null,"tool_calls":[{"function":{"arguments":"{\\"c\\":1}"}}]}}]}',
      9,
      [1],
      [2],
      [undefined, undefined],
    ],
  };
  for (const [name, [json, characters, indexes, finishes, usage]] of Object.entries(TAKEN)) {
    it(`takes: ${name}`, () => {
      assert.ok(agree(Buffer.from(json), 7));
      assert.deepEqual(of(chunk), { characters, indexes, finishes, usage });
    });
  }

  const LEFT: Readonly<Record<string, string>> = {
    'an error': '{"error":{}}',
    'a key twice': '{"choices":[{"delta":{"content":"a","content":"bc"}}]}',
    'a key with an escape': '{"choices":[{"delta":{"c\\u006fntent":"a"}}]}',
    'an index that is none': '{"choices":[{"index":"0"}]}',
    'an index of many digits': '{"choices":[{"index":1000000000000000}]}',
    'a trailing comma': '{"choices":[],}',
    'a leading zero': '{"created":01}',
    'a control character': '{"id":"\n"}',
    'more behind it': '{}{}',
    'an open string': '{"id":"',
    nothing: '',
    'deep nesting': `{"x":${'['.repeat(33)}${']'.repeat(33)}}`,
    'many choices': `{"choices":[${'{},'.repeat(16)}{}]}`,
  };
  for (const [name, json] of Object.entries(LEFT)) {
    it(`leaves: ${name}`, () => assert.equal(agree(Buffer.from(json), 7), false));
  }
  it('leaves: text that is not UTF-8', () => {
    for (const bad of ['\xff', '\xc3', '\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xe2\x82']) {
      const json = Buffer.from(`{"choices":[{"delta":{"content":"${bad}"}}]}`, 'latin1');
      assert.equal(agree(json, 7), false);
      // Where nobody counts its characters it does no harm.
      assert.equal(agree(Buffer.from(`{"id":"${bad}","choices":[]}`, 'latin1'), 7), true);
    }
  });

  it('streams of chunks that are alike', () => {
    const read = fc.tuple(text, style, fc.option(mutations, { freq: 6 }));
    fc.assert(
      fc.property(chatChunk, style, fc.array(read, { maxLength: 6 }), at, (node, choices, reads, offset) => {
        const reader = chatReader();
        const plain = new ChatChunk();
        const known = Buffer.from(write(node, choices));
        const docs: Buffer[] = [known, known];
        for (const [content, other, changes] of reads) {
          // Only the first text of the chunk is another one; or, often, its bytes are changed.
          const doc = Buffer.from(
            known.toString().replace(/("content":\s*)"[^"\\]*"/, (_all, key) => key + write(content, other)),
          );
          docs.push(changes === null ? doc : mutate(doc, changes));
        }
        for (const doc of docs) {
          const finding = reader(...placed(doc, offset), chunk);
          assert.deepEqual(finding, parseChatChunk(...placed(doc, offset), plain));
          if (finding === undefined) assert.deepEqual(of(chunk), of(plain), doc.toString());
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('the walk over JSON', () => {
  const accepts = (bytes: Uint8Array): boolean => {
    const end = skipValue(bytes, skipSpace(bytes, 0, bytes.length), bytes.length);
    return end >= 0 && skipSpace(bytes, end, bytes.length) === bytes.length;
  };
  const isJson = (bytes: Uint8Array): boolean => {
    try {
      JSON.parse(Buffer.from(bytes).toString());
      return true;
    } catch {
      return false;
    }
  };

  it('accepts what JSON.parse accepts, and nothing else', () => {
    const token = fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '"a"',
        '"\\u00e',
        '"\\n"',
        '0',
        '1',
        '-',
        '.',
        'e',
        'E+',
        'true',
        'null',
        'fals',
        ' ',
        '\n',
        '\ufeff',
        '\u00a0',
        '\\',
        '\0',
        'ß',
      ],
    );
    const soup = fc.array(token, { maxLength: 8 }).map((parts) => Buffer.from(parts.join('')));
    const good = fc.tuple(fc.json(), fc.option(mutations)).map(([json, changes]) => {
      const bytes = Buffer.from(json);
      return changes === null ? bytes : mutate(bytes, changes);
    });
    fc.assert(
      fc.property(fc.oneof(soup, good), (bytes) => {
        assert.equal(accepts(bytes), isJson(bytes));
      }),
      { numRuns: 20_000 },
    );
  });

  it('counts text as the decoded one is counted', () => {
    const cursor = new JsonCursor();
    fc.assert(
      fc.property(fc.array(text), style, (parts, choices) => {
        const value = parts.join('');
        const bytes = Buffer.from(write(value, choices));
        cursor.open(bytes, 0, bytes.length);
        const counted = cursor.text();
        assert.ok(cursor.done());
        assert.equal(counted, codePointsOf(value));
      }),
      { numRuns: 10_000 },
    );
  });

  it('integers', () => {
    const cursor = new JsonCursor();
    const read = (json: string): number | undefined => {
      cursor.open(Buffer.from(json), 0, json.length);
      const value = cursor.integer();
      return cursor.done() ? value : undefined;
    };
    for (const good of ['0', '7', '10', '999999999999999']) assert.equal(read(good), Number(good));
    for (const bad of ['', '00', '01', '-1', '1.0', '1e1', '1E1', 'x', '1000000000000000']) {
      assert.equal(read(bad), undefined, bad);
    }
  });
});
