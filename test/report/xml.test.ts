import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parse } from 'junit2json';
import { validateXML } from 'xmllint-wasm';
import { element, xmlDocument } from '../../src/report/xml.ts';

const wellFormed = async (xml: string) => {
  const { valid, errors } = await validateXML({ xml, normalization: 'c14n' });
  assert.ok(valid, `${errors.map((e) => e.message)}\n${JSON.stringify(xml)}`);
};

/** Any UTF-16, halves of pairs and control characters included. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.constantFrom(...'<>&"\'\t\n\r]]>'.split('').map((c) => c.charCodeAt(0))),
    ),
    {
      maxLength: 60,
    },
  )
  .map((units) => String.fromCharCode(...units));

/** What a reader must see: the text, with U+FFFD where XML 1.0 has no such character. */
function readable(text: string): string {
  return Array.from(text.toWellFormed(), (c) => {
    const point = c.codePointAt(0)!;
    const allowed =
      point === 9 ||
      point === 10 ||
      point === 13 ||
      (point >= 0x20 && point <= 0xd7ff) ||
      (point >= 0xe000 && point <= 0xfffd) ||
      point >= 0x10000;
    return allowed ? c : '\ufffd';
  }).join('');
}

describe('an XML document', () => {
  it('has its elements indented, and empty ones closed at once', () => {
    const root = element('a', { n: 1 }, [element('b', { c: 'd' }), element('e', {}, 'f')]);
    assert.equal(
      xmlDocument(root),
      '<?xml version="1.0" encoding="UTF-8"?>\n<a n="1">\n  <b c="d"/>\n  <e>f</e>\n</a>\n',
    );
  });

  it('escapes what is markup, and keeps line breaks in attributes', () => {
    assert.equal(
      xmlDocument(element('a', { m: '<"&>\t\r\n' }, ']]><b/>\r\n"'))
        .split('\n')
        .slice(1, 3)
        .join('\n'),
      '<a m="&lt;&quot;&amp;&gt;&#9;&#13;&#10;">]]&gt;&lt;b/&gt;&#13;\n"</a>',
    );
  });

  it('puts U+FFFD where XML 1.0 forbids a character', () => {
    const xml = xmlDocument(element('a', {}, '\0\x07\x1b[31m\x7f\ud83d \ufffe\uffff \u{1f389} \u202e'));
    assert.match(xml, /<a>\ufffd\ufffd\ufffd\[31m\x7f\ufffd \ufffd\ufffd \u{1f389} \u202e<\/a>/u);
  });

  it('is read as what was written, whatever the text', async () => {
    const texts = fc.sample(anyText, { numRuns: 300, seed: 7 });
    const cases = texts.map((text) =>
      element('testcase', { name: `n${text}` }, [
        element('failure', { message: `x${text}`, type: 't' }, `y${text}z`),
      ]),
    );
    const xml = xmlDocument(element('testsuites', {}, [element('testsuite', { name: 's' }, cases)]));
    await wellFormed(xml);
    const read = await parse(xml);
    assert.ok(read && 'testsuite' in read);
    read.testsuite![0]!.testcase!.forEach((c, i) => {
      const wanted = readable(texts[i]!);
      const shown = JSON.stringify(texts[i]);
      assert.equal(c.name, `n${wanted}`, shown);
      assert.equal(c.failure![0]!.message, `x${wanted}`, shown);
      assert.equal(c.failure![0]!.inner, `y${wanted}z`, shown);
    });
  });
});
