import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Terminal } from '../../src/core/target.ts';
import { newCounters } from '../../src/formats/classifier.ts';
import { allFormats, formatNamed } from '../../src/formats/list.ts';

/** @returns what a body comes to, read byte by byte or at once */
function resultOf(format: string, body: string, terminal?: Terminal, step = body.length) {
  const classifier = formatNamed(format).classifier({ terminal })();
  const counters = newCounters();
  const bytes = Buffer.from(body);
  for (let at = 0; at < bytes.length; at += step) {
    // As a socket does it: the buffer of one read is overwritten by the next.
    const read = Buffer.from(bytes.subarray(at, at + step));
    classifier.read(read, true, counters);
    read.fill(0);
  }
  return classifier.end(counters);
}

const DATA = (data: string): Terminal => ({ kind: 'data', data });

describe('the detail of a truncated stream', () => {
  it('names the last data, so that a wrong terminal: can be seen', () => {
    for (const step of [1, 1000])
      assert.deepEqual(resultOf('sse', 'data: a\n\ndata: [DONE]\n\n', DATA('DONE'), step), {
        outcome: 'truncated',
        detail: 'the body ended without the terminal event; last data: [DONE]',
      });
  });

  it('names the event of the last data', () => {
    const { detail } = resultOf('sse', 'event: end\ndata: {}\n\n', { kind: 'event', event: 'done' });
    assert.equal(detail, 'the body ended without the terminal event; last data of event end: {}');
  });

  it('names the last line', () => {
    const { detail } = resultOf('ndjson', '{"a":1}\n{"finished":true}\n', { kind: 'path', path: 'done' });
    assert.equal(detail, 'the body ended without the terminal line; last data: {"finished":true}');
  });

  it('names the end of a raw body', () => {
    const { detail } = resultOf('raw', 'some END\n', DATA('END'));
    assert.equal(detail, 'the body does not end with its end marker; it ends in: ND');
  });

  it('is bounded, on one line, and cuts no character in two', () => {
    const long = `data: ${'ä'.repeat(23)}x${'ä'.repeat(1e5)}\n\n`;
    assert.match(resultOf('sse', long, DATA('x')).detail!, /; last data: ä{23}x\.\.\.$/);
    const name = `event: ${'n'.repeat(5000)}\ndata: a\ndata: \tb\n\n`;
    assert.match(resultOf('sse', name, DATA('x')).detail!, /; last data of event n{40}: a b$/);
  });

  it('says nothing of data where none came', () =>
    assert.equal(
      resultOf('sse', ': ping\n\n', DATA('x')).detail,
      'the body ended without the terminal event',
    ));

  for (const { name, framing, example } of allFormats())
    if (framing !== 'reads')
      it(`has the last data in ${name}`, () => {
        const parts = example.split(framing === 'lines' ? /(?<=\n)/ : /(?<=\n\n)/);
        const { outcome, detail } = resultOf(name, parts[0]!, name === 'sse' ? DATA('x') : terminalOf(name));
        assert.equal(outcome, 'truncated');
        assert.match(detail!, /; last data(?: of event [\w.-]+)?: \S/);
      });
});

function terminalOf(format: string): Terminal | undefined {
  return format === 'ndjson' ? { kind: 'path', path: 'done' } : undefined;
}
