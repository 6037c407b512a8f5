import type { Block, Cell, Table } from '../../schema/report.ts';
import type { Document, Section } from '../document.ts';
import { plotHtml } from './html-plot.ts';
import { REPORT_STYLE_SOURCE, STYLE } from './html-style.ts';
import { escaped, htmlText } from './html-text.ts';

/** Returns the report as one page that needs no script and no other file. */
export function htmlReport({ title, subtitle, sections }: Document): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    // Names are escaped; should one ever not be, it can still load and run nothing.
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${REPORT_STYLE_SOURCE}'; img-src data:">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    // An address of its own keeps a browser from asking the server for an icon.
    '<link rel="icon" href="data:,">',
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${htmlText(title)}</h1>`,
    `<ul class="subtitle">${subtitle.map((line) => `<li>${htmlText(line)}</li>`).join('')}</ul></header>`,
    '<main>',
    // The answer comes before the contents on paper, on a phone and in a screen reader.
    ...sections.slice(0, 1).flatMap(sectionParts),
    '<nav aria-labelledby="contents"><h2 id="contents">Contents</h2>',
    `<ul>${sections
      .filter((s) => !('omitted' in s))
      .map(contentsItem)
      .join('')}</ul>`,
    ...leftOutList(sections),
    '</nav>',
    ...sections.slice(1).flatMap(sectionParts),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const contentsItem = (section: Section): string =>
  `<li><a href="#${escaped(section.id)}">${htmlText(section.title)}</a></li>`;

/** Sections without content have a list of their own: a mark behind each would break lines. */
function leftOutList(sections: readonly Section[]): string[] {
  const omitted = sections.filter((s) => 'omitted' in s);
  if (omitted.length === 0) return [];
  return [
    `<h3>Left out, with the reason</h3>`,
    `<ul class="omitted">${omitted.map(contentsItem).join('')}</ul>`,
  ];
}

function sectionParts(section: Section): string[] {
  const id = escaped(section.id);
  return [
    `<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${htmlText(section.title)}</h2>`,
    ...('omitted' in section
      ? [`<p class="muted">Left out: ${htmlText(section.omitted)}</p>`]
      : section.blocks.map((block, index) => blockHtml(block, `${id}-${index + 1}`))),
    '</section>',
  ];
}

/** @param id of the block, in attributes */
function blockHtml(block: Block, id: string): string {
  switch (block.kind) {
    case 'paragraph':
      return `<p>${htmlText(block.text)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${htmlText(item)}</li>`).join('')}</ul>`;
    case 'heading':
      return `<h3>${htmlText(block.text)}</h3>`;
    case 'badge':
      return `<div class="badge ${block.tone}"><strong>${htmlText(block.label)}</strong> <span>${htmlText(block.text)}</span></div>`;
    case 'code':
      return `<pre><code>${block.text.split('\n').map(escaped).join('\n')}</code></pre>`;
    case 'table':
      return tableHtml(block, id);
    case 'plot':
      return plotHtml(block.plot);
  }
}

/** Columns up to which a table is as wide as its cells: the eye loses rows that are spread over the page. */
const MAX_COMPACT = 4;

/** A wide table scrolls in its own box, which the keyboard reaches; its caption stays in place. */
function tableHtml({ caption, columns, rows }: Table, id: string): string {
  const head = columns
    .map(
      ({ title, align }) =>
        `<th scope="col"${align === 'right' ? ' class="right"' : ''}>${htmlText(title)}</th>`,
    )
    .join('');
  const body = rows
    .map((row) => `<tr>${row.map((cell, i) => cellHtml(cell, columns[i]!.align)).join('')}</tr>`)
    .join('\n');
  return [
    `<p class="caption" id="${id}">${htmlText(caption)}</p>`,
    `<div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table${columns.length > MAX_COMPACT ? ' class="whole"' : ''} aria-labelledby="${id}">`,
    `<thead><tr>${head}</tr></thead>`,
    `<tbody>${body}</tbody>`,
    '</table></div>',
  ].join('\n');
}

/** Longest text of a number, with its unit and what stands behind it, that no line break divides on paper. */
const MAX_UNBROKEN = 16;
/** Longest text of which no word is divided on paper. */
const MAX_WORD = 20;

function cellHtml(cell: Cell, align: 'left' | 'right'): string {
  const { text, tone } = typeof cell === 'string' ? { text: cell, tone: '' } : cell;
  const names = [
    ...(align === 'right' ? ['right'] : []),
    ...(align === 'right' && text.length > MAX_UNBROKEN ? ['long'] : []),
    ...(align === 'left' && text.length > MAX_WORD ? ['name'] : []),
    ...(align === 'left' && text.length <= MAX_WORD && !text.includes(' ') ? ['word'] : []),
    ...(tone === '' ? [] : [tone]),
  ];
  return `<td${names.length === 0 ? '' : ` class="${names.join(' ')}"`}>${htmlText(text)}</td>`;
}
