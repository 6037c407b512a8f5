import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { marked, type Token } from 'marked';
import type { Document } from '../../src/document/document.ts';
import { makeDocument } from '../../src/document/make.ts';
import { REPORT_FORMATS } from '../../src/document/render/formats.ts';
import { plotSvg } from '../../src/document/render/plot-svg.ts';
import { directionRuns } from '../../src/document/visible-text.ts';
import { inputOf } from '../../support/document/made.ts';
import { hostileRun, NAMES } from './hostile.ts';
import { attributesOf, elementsOf, headingsOf, textOf } from './html-tree.ts';

const documentOf = (name: string) => makeDocument(inputOf({ ...hostileRun(name), name }));
const PLAIN = documentOf('plain');
/** SVG of all plots, which have names in their legends alone. */
const plotsOf = ({ sections }: Document): string[] =>
  sections.flatMap((section) =>
    'omitted' in section
      ? []
      : section.blocks.flatMap((block) =>
          block.kind === 'plot' ? [plotSvg(block.plot, { width: 880, height: 280 })] : [],
        ),
  );
const ALLOWED_ADDRESS = /^(?:#[\w-]+|data:,)$/;

const tokensOf = (markdown: string): Token[] => {
  const all: Token[] = [];
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    all.push(token);
  });
  return all;
};

/** Structure of a text in Markdown: kinds of its parts in their order, without text. */
const shapeOf = (markdown: string): string =>
  tokensOf(markdown)
    .map(({ type }) => type)
    .filter((type) => !['text', 'escape', 'space'].includes(type))
    .join(' ');

/** Characters that a reader could not see, or that change the order of the text beside them. */
const UNSEEN = /[^\n\P{Cc}]|[\p{Cs}\u200e\u200f\u202a-\u202e\u2028\u2029]/u;

describe('a name in every field of a run', () => {
  for (const name of NAMES) {
    it(`is text in HTML: ${JSON.stringify(name)}`, async () => {
      const html = await REPORT_FORMATS.html(documentOf(name));
      const plain = await REPORT_FORMATS.html(PLAIN);
      const kinds = (page: string): string =>
        elementsOf(page)
          .map(({ tagName }) => tagName)
          .filter((tag) => tag !== 'bdi')
          .join(' ');
      assert.equal(kinds(html), kinds(plain), 'a name made or broke an element');
      assert.deepEqual(
        elementsOf(html).filter(({ tagName }) => ['script', 'img', 'iframe', 'object'].includes(tagName)),
        [],
      );
      for (const [key, value] of attributesOf(html)) {
        assert.ok(!key.startsWith('on'), `${key}=${value}`);
        if (key === 'href' || key === 'src') assert.match(value, ALLOWED_ADDRESS);
      }
      assert.ok(!UNSEEN.test(textOf(html)), 'a character that is not seen');
      assert.equal(headingsOf(html).length, headingsOf(plain).length);
    });

    it(`is in no plot: ${JSON.stringify(name)}`, () => {
      assert.deepEqual(plotsOf(documentOf(name)), plotsOf(PLAIN));
    });

    it(`is text in Markdown: ${JSON.stringify(name)}`, async () => {
      const markdown = await REPORT_FORMATS.md(documentOf(name));
      assert.equal(shapeOf(markdown), shapeOf(await REPORT_FORMATS.md(PLAIN)));
      for (const token of tokensOf(markdown)) {
        assert.notEqual(token.type, 'html');
        if (token.type === 'link') assert.match(String(token.href), ALLOWED_ADDRESS);
      }
      assert.ok(!UNSEEN.test(markdown));
    });

    it(`is kept as it is in JSON: ${JSON.stringify(name)}`, async () => {
      const report = JSON.parse(await REPORT_FORMATS.json(documentOf(name)));
      const section = report.sections.find((s: { id: string }) => s.id === 'levels');
      assert.equal(section.values[0].subjects[0].name, name);
    });
  }

  it('is isolated where it is written from right to left', async () => {
    assert.match(await REPORT_FORMATS.html(documentOf('שלום עולם')), /<bdi>שלום עולם<\/bdi>/);
    assert.match(await REPORT_FORMATS.md(documentOf('שלום עולם')), /\u2068שלום עולם\u2069/);
  });
});

it('two names from right to left in one sentence are isolated each by itself', () => {
  assert.deepEqual(directionRuns('on שלום עולם, 3 of 4 on עברית.'), [
    'on ',
    'שלום עולם',
    ', 3 of 4 on ',
    'עברית',
    '.',
  ]);
});
