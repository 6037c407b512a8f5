import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { MAX_EVENT_BYTES } from '../../src/formats/limits.ts';
import { SseParser } from '../../src/formats/sse-parser.ts';
import { collect } from '../../support/stream/collect.ts';

interface Parsed {
  /** Name and data. */
  readonly events: [string, string][];
  comments: number;
  overflow: boolean;
}

/** @param reads what is pushed, one after another; `end` is called after them */
function parse(...reads: (string | Uint8Array)[]): Parsed {
  const parsed: Parsed = { events: [], comments: 0, overflow: false };
  const parser = new SseParser({
    event: (name, bytes, start, end) => {
      parsed.events.push([name, Buffer.from(bytes.subarray(start, end)).toString()]);
    },
    comment: () => {
      parsed.comments++;
    },
  });
  for (const read of reads) {
    // The bytes are the parser's for the time of the call only.
    const bytes = Buffer.from(read);
    parser.push(bytes);
    bytes.fill(0x21);
  }
  parser.end();
  parsed.overflow = parser.overflow;
  return parsed;
}

const BOM = '\uFEFF';

const GRAMMAR: [name: string, text: string, events: [string, string][], comments?: number][] = [
  ['nothing', '', []],
  [
    'LF',
    'data: a\n\ndata: b\n\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CRLF',
    'data: a\r\n\r\ndata: b\r\n\r\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'CR',
    'data: a\r\rdata: b\r\r',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'a mix of them',
    'data: a\r\n\ndata: b\n\rdata: c\r\r\ndata: d\r\n\r\n',
    [
      ['', 'a'],
      ['', 'b'],
      ['', 'c'],
      ['', 'd'],
    ],
  ],
  ['no space after the colon', 'data:a\n\n', [['', 'a']]],
  ['one space is taken, not two', 'data:  a\n\n', [['', ' a']]],
  ['a tab is none', 'data:\ta\n\n', [['', '\ta']]],
  ['several data lines', 'data: a\ndata:b\ndata\ndata: c\n\n', [['', 'a\nb\n\nc']]],
  ['data without a value', 'data\n\n', [['', '']]],
  [
    'data with an empty value',
    'data:\n\ndata: \n\n',
    [
      ['', ''],
      ['', ''],
    ],
  ],
  ['only a colon in the value', 'data::\n\n', [['', ':']]],
  ['a name', 'event: ping\ndata: a\n\n', [['ping', 'a']]],
  ['a name after the data', 'data: a\nevent: ping\n\n', [['ping', 'a']]],
  ['the last name counts', 'event: x\nevent:y\ndata: a\n\n', [['y', 'a']]],
  ['an emptied name', 'event: x\nevent\ndata: a\n\n', [['', 'a']]],
  [
    'a name does not outlive its event',
    'event: x\ndata: a\n\ndata: b\n\n',
    [
      ['x', 'a'],
      ['', 'b'],
    ],
  ],
  ['a name without data is no event', 'event: x\n\ndata: b\n\n', [['', 'b']]],
  ['a BOM', `${BOM}data: a\n\n`, [['', 'a']]],
  ['only one BOM', `${BOM}${BOM}data: a\n\ndata: b\n\n`, [['', 'b']]],
  ['a BOM later on is none', `data: a\n\n${BOM}data: b\n\n`, [['', 'a']]],
  ['a BOM alone', BOM, []],
  ['comments', ': ping\n\n:\n\ndata: a\n: in between\ndata: b\n\n', [['', 'a\nb']], 3],
  ['other fields', 'id: 1\nretry: 5\nfoo: bar\nfoo\ndata: a\n\n', [['', 'a']]],
  ['fields are case-sensitive', 'Data: a\nDATA: b\ndata: c\n\n', [['', 'c']]],
  ['fields that begin alike', 'dat: a\ndatum: b\ndatax\neven: x\nevents: y\ndata: c\n\n', [['', 'c']]],
  ['no space before the field', ' data: a\n\ndata: b\n\n', [['', 'b']]],
  [
    'a last event without its blank line',
    'data: a\n\ndata: b\n',
    [
      ['', 'a'],
      ['', 'b'],
    ],
  ],
  [
    'a last event without its line end',
    'data: a\n\nevent: x\ndata: b',
    [
      ['', 'a'],
      ['x', 'b'],
    ],
  ],
  ['a last comment without its line end', 'data: a\n\n: bye', [['', 'a']], 1],
  [
    'a last line that is only a field name',
    'data: a\n\ndata',
    [
      ['', 'a'],
      ['', ''],
    ],
  ],
  [
    'Unicode line separators split nothing',
    'data: a\u2028b\u2029c\u0085d\vf\fg\n\n',
    [['', 'a\u2028b\u2029c\u0085d\vf\fg']],
  ],
  ['NUL', 'data: a\0b\n\n', [['', 'a\0b']]],
  ['characters of 2, 3 and 4 bytes', 'event: ü\ndata: ß€😀\n\n', [['ü', 'ß€😀']]],
];

describe('the grammar of server-sent events', () => {
  for (const [name, text, events, comments = 0] of GRAMMAR) {
    const expected = { events, comments, overflow: false };
    it(name, () => {
      const bytes = Buffer.from(text);
      assert.deepEqual(parse(bytes), expected);
      assert.deepEqual(parse(...Array.from(bytes, (byte) => Uint8Array.of(byte))), expected, 'byte by byte');
      for (let at = 0; at <= bytes.length; at++) {
        assert.deepEqual(parse(bytes.subarray(0, at), bytes.subarray(at)), expected, `split at ${at}`);
        assert.deepEqual(
          parse(bytes.subarray(0, at), '', bytes.subarray(at)),
          expected,
          `an empty read at ${at}`,
        );
      }
    });
  }

  it('bytes that are not UTF-8 are delivered as they are', () => {
    const got: number[][] = [];
    const parser = new SseParser({
      event: (_name, bytes, start, end) => got.push([...bytes.subarray(start, end)]),
      comment: () => {},
    });
    parser.push(Buffer.concat([Buffer.from('data: '), Buffer.of(0xff, 0xc3, 0x80), Buffer.from('\n\n')]));
    assert.deepEqual(got, [[0xff, 0xc3, 0x80]]);
  });

  it('the beginning of a BOM is not lost', () => {
    // Field names that begin with what looked like one are unknown, and the lines after them are as ever.
    for (const start of [[0xef], [0xef, 0xbb], [0xef, 0xbb, 0x61]]) {
      const rest = Buffer.from('data: a\n\ndata: b\n\n');
      assert.deepEqual(parse(Uint8Array.from(start), rest).events, [['', 'b']]);
      assert.deepEqual(parse(Buffer.concat([Uint8Array.from(start), rest])).events, [['', 'b']]);
    }
  });
});

describe('against eventsource-parser', () => {
  /**
   * The oracle takes text, so it is given whole characters; it knows no end of the body, so it is given the
   * blank line that ends a last event, which `SseParser.end` stands for. It says `undefined` where we say ''.
   * Its buffer has no limit unless it is told one; these documents are short of ours. It also drops a BOM that
   * was decoded as Latin-1, which no document here begins with.
   */
  function oracle(text: string): Parsed {
    const parsed: Parsed = { events: [], comments: 0, overflow: false };
    const parser = createParser({
      onEvent: ({ event, data }) => parsed.events.push([event ?? '', data]),
      onComment: () => {
        parsed.comments++;
      },
    });
    parser.feed(text);
    parser.feed('\n');
    parser.feed('\n');
    return parsed;
  }

  const value = fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '  ',
      ':',
      'a',
      '[DONE]',
      '{"a":1}',
      'ß€😀',
      '\u2028',
      '\u0085',
      BOM,
      '\0',
      '\t',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '·')),
  );
  const line = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constantFrom('data:', 'data: '), value).map((parts) => parts.join('')),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom('event:', 'event: '), value).map((parts) => parts.join('')),
    },
    { weight: 4, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(':', ': '), value).map((parts) => parts.join('')) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom(
            'data',
            'event',
            'id',
            'id: ',
            'retry: ',
            'Data: ',
            'dat',
            'datax: ',
            'eventx',
            ' data: ',
            'foo:',
          ),
          value,
        )
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: value },
  );
  const lineEnd = fc.constantFrom('\n', '\n', '\r\n', '\r');
  const text = fc
    .tuple(
      fc.constantFrom('', '', BOM, BOM + BOM),
      fc.array(fc.tuple(line, lineEnd), { maxLength: 24 }),
      fc.oneof(fc.constant(''), line),
    )
    .map(([bom, lines, last]) => bom + lines.flat().join('') + last);
  const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 12 });

  /** @returns the bytes cut at these offsets, anywhere inside characters and line ends */
  function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
    const offsets = [0, ...at.map((n) => n % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    return offsets.slice(1).map((end, i) => bytes.subarray(offsets[i], end));
  }

  it('random documents, line ends and splits', () => {
    fc.assert(
      fc.property(text, cuts, (document, at) => {
        // Lone surrogates have no UTF-8.
        const bytes = Buffer.from(document);
        assert.deepEqual(parse(...cut(bytes, at)), oracle(bytes.toString()));
      }),
      { numRuns: 20_000 },
    );
  });

  it('random bytes: the same, however they are split', () => {
    const byte = fc.oneof(
      fc.constantFrom(...Buffer.from('\n\n\r:d a\xef\xbb\xbf', 'latin1')),
      fc.nat({ max: 255 }),
    );
    const soup = fc.array(
      fc.oneof(
        byte.map((b) => [b]),
        line.map((text) => [...Buffer.from(text)]),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(soup, cuts, (bits, at) => {
        const bytes = Buffer.from(bits.flat());
        assert.deepEqual(parse(...cut(bytes, at)), parse(bytes));
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('limits', () => {
  const OVER = { events: [], comments: 0, overflow: true };

  /** @returns the text in reads of so many bytes */
  function reads(text: string, size: number): string[] {
    return text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
  }

  for (const size of [1000, 65_536, 10_000_000]) {
    it(`lines, in reads of ${size} bytes`, () => {
      const longest = `data: ${'x'.repeat(MAX_EVENT_BYTES - 6)}`;
      const taken = parse(...reads(`${longest}\n\n`, size));
      assert.deepEqual([taken.events.length, taken.overflow], [1, false]);
      assert.equal(taken.events[0]![1].length, MAX_EVENT_BYTES - 6);
      assert.deepEqual(parse(...reads(`${longest}x\n\n`, size)), OVER);
      assert.deepEqual(parse(...reads(`${longest}x`, size)), OVER, 'without its end');
      assert.deepEqual(parse(...reads(`:${longest}`, size)), OVER, 'a comment');
    });

    it(`events of many lines, in reads of ${size} bytes`, () => {
      const lines = 'data: 1234567\n'.repeat(MAX_EVENT_BYTES / 8);
      assert.equal(parse(...reads(`${lines}\n`, size)).events[0]?.[1].length, MAX_EVENT_BYTES - 1);
      assert.deepEqual(parse(...reads(`${lines}data: 1\n\n`, size)), OVER);
      assert.deepEqual(
        parse(...reads(`${'data\n'.repeat(MAX_EVENT_BYTES + 2)}\n`, size)),
        OVER,
        'of empty lines',
      );
    });
  }

  it('nothing after an overflow is delivered, and what came before it was', () => {
    const long = 'x'.repeat(MAX_EVENT_BYTES + 1);
    const { events, overflow } = parse('data: a\n\n', `data: ${long}`, '\n\ndata: b\n\n');
    assert.deepEqual([events, overflow], [[['', 'a']], true]);
  });

  it('a line of 100 MB takes no memory beyond the limit', () => {
    const parser = new SseParser({ event: () => assert.fail(), comment: () => assert.fail() });
    const piece = Buffer.alloc(65_536, 'x');
    parser.push(Buffer.from('data: '));
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

  it('a long event leaves no large buffer behind', async () => {
    await collect();
    const before = process.memoryUsage().arrayBuffers;
    const parsers = Array.from({ length: 50 }, () => new SseParser({ event: () => {}, comment: () => {} }));
    const piece = Buffer.alloc(100_000, 'y');
    for (const parser of parsers) {
      parser.push(Buffer.from('data: '));
      for (let i = 0; i < 10; i++) parser.push(piece);
      parser.push(Buffer.from('\n\n'));
    }
    await collect();
    const kept = process.memoryUsage().arrayBuffers - before;
    assert.ok(kept < parsers.length * 65_536, `${kept} bytes`);
    for (const parser of parsers) assert.equal(parser.overflow, false);
  });
});
