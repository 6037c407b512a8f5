import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_EVENT_BYTES } from '../../src/formats/limits.ts';
import { LineParser } from '../../src/formats/line-parser.ts';

/** @param reads what is pushed, one after another; `end` is called after them */
function parse(...reads: (string | Uint8Array)[]): { lines: string[]; overflow: boolean } {
  const lines: string[] = [];
  const parser = new LineParser({
    line: (bytes, start, end) => lines.push(Buffer.from(bytes.subarray(start, end)).toString()),
  });
  for (const read of reads) {
    // The bytes are the parser's for the time of the call only.
    const bytes = Buffer.from(read);
    parser.push(bytes);
    bytes.fill(0x21);
  }
  parser.end();
  return { lines, overflow: parser.overflow };
}

const DOCUMENTS: [name: string, text: string, lines: string[]][] = [
  ['nothing', '', []],
  ['LF', '{}\n[]\n', ['{}', '[]']],
  ['CRLF', '{}\r\n[]\r\n', ['{}', '[]']],
  ['a last line without its end', '{}\n[]', ['{}', '[]']],
  ['a last line that is half an end', '{}\n[]\r', ['{}', '[]']],
  ['blank lines', '\n\r\n \t\r\n{}\n\n\n', ['{}']],
  ['space around a line', '  {} \t\r\n', ['  {}']],
  ['a CR alone ends nothing', 'a\rb\n', ['a\rb']],
  ['Unicode line separators end nothing', 'a\u2028b\u2029c\u0085d\ve\ff\n', ['a\u2028b\u2029c\u0085d\ve\ff']],
  ['NUL', '\0\n', ['\0']],
  ['characters of 2, 3 and 4 bytes', 'ß€😀\n', ['ß€😀']],
];

describe('lines', () => {
  for (const [name, text, lines] of DOCUMENTS) {
    it(name, () => {
      const bytes = Buffer.from(text);
      const expected = { lines, overflow: false };
      assert.deepEqual(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte))), expected, 'byte by byte');
      for (let at = 0; at <= bytes.length; at++) {
        assert.deepEqual(parse(bytes.subarray(0, at), '', bytes.subarray(at)), expected, `split at ${at}`);
      }
    });
  }

  it('random lines, against a plain split', () => {
    const piece = fc.oneof(
      fc.constantFrom('\n', '\n', '\r\n', '\r', ' ', '{"a":1}', 'ß', '😀'),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.array(fc.nat({ max: 200 }), { maxLength: 8 }),
        (pieces, cuts) => {
          const bytes = Buffer.from(pieces.join(''));
          const at = [0, ...cuts.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
          const expected = bytes
            .toString()
            .split('\n')
            .map((line) => line.replace(/[ \t\r]+$/, ''))
            .filter((line) => line !== '');
          assert.deepEqual(parse(...at.slice(1).map((end, i) => bytes.subarray(at[i], end))).lines, expected);
        },
      ),
      { numRuns: 10_000 },
    );
  });
});

describe('limits', () => {
  const longest = 'x'.repeat(MAX_EVENT_BYTES);
  const inPieces = (text: string, size: number): string[] =>
    text.match(new RegExp(`.{1,${size}}|\n`, 'g')) ?? [];
  for (const size of [1000, 65_536, 10_000_000]) {
    it(`lines in reads of ${size} bytes`, () => {
      const taken = parse(...inPieces(`a\n${longest}\nb\n`, size));
      assert.deepEqual(
        [taken.lines.map((line) => line.length), taken.overflow],
        [[1, MAX_EVENT_BYTES, 1], false],
      );
      assert.deepEqual(parse(...inPieces(`a\n${longest}x\nb\n`, size)), { lines: ['a'], overflow: true });
      assert.deepEqual(parse(...inPieces(`a\n${longest}x`, size)), { lines: ['a'], overflow: true });
    });
  }

  it('a line of 100 MB takes no memory beyond the limit', () => {
    const parser = new LineParser({ line: () => assert.fail() });
    const piece = Buffer.alloc(65_536, 'x');
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let i = 0; i < 1600; i++) {
      parser.push(piece);
      if (i % 8 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    assert.ok(parser.overflow);
    // Doubling: 1 + 2 MiB live for a moment, and what the collector has not taken yet.
    assert.ok(most < 8 * 1_048_576, `${most} bytes`);
  });
});
