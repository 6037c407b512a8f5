import type { Block, Cell, Table, Tone } from '../../schema/report.ts';
import type { Document, Section } from '../document.ts';
import { directionRuns, visibleText } from '../visible-text.ts';

const MARKS: Readonly<Record<Tone, string>> = { good: '✅', warning: '⚠️', bad: '❌', unknown: '❔' };

/** Returns the report in GitHub's Markdown, without HTML and links but those of its own contents. */
export function markdownReport({ title, subtitle, sections }: Document): string {
  return [
    `# ${plain(title)}`,
    ...(subtitle.length === 0 ? [] : [subtitle.map((line) => `- ${plain(line)}`).join('\n')]),
    // What a report begins with comes before its contents.
    ...sections.slice(0, 1).flatMap(sectionLines),
    '## Contents',
    sections
      .map((s) => `- [${plain(s.title)}](#${anchorOf(s.title)})${'omitted' in s ? ' (left out)' : ''}`)
      .join('\n'),
    ...sections.slice(1).flatMap(sectionLines),
  ]
    .map((block) => `${block}\n`)
    .join('\n');
}

/** Returns the anchor that GitHub gives to a heading of ours. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}

function sectionLines(section: Section): string[] {
  const head = `## ${plain(section.title)}`;
  return 'omitted' in section
    ? [head, `Left out: ${plain(section.omitted)}`]
    : [head, ...section.blocks.map(blockText)];
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return plain(block.text);
    case 'list':
      return block.items.map((item) => `- ${plain(item)}`).join('\n');
    case 'heading':
      return `### ${plain(block.text)}`;
    case 'badge':
      return `> ${MARKS[block.tone]} **${plain(block.label)}** – ${plain(block.text)}`;
    case 'code':
      return fenced(block.text);
    case 'table':
      return tableText(block);
    case 'plot':
      return `**${plain(block.plot.title)}.** ${plain(block.plot.text)}`;
  }
}

function tableText({ caption, columns, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    plain(caption),
    '',
    line(columns.map(({ title }) => plain(title))),
    line(columns.map(({ align }) => (align === 'right' ? '--:' : ':--'))),
    ...rows.map((row) => line(row.map(cellText))),
  ].join('\n');
}

function cellText(cell: Cell): string {
  const text = typeof cell === 'string' ? cell : cell.text;
  const mark = typeof cell === 'string' || cell.tone === 'good' ? '' : `${MARKS[cell.tone]} `;
  return `${mark}${plain(text)}`;
}

/** Characters with a meaning in Markdown or HTML, and those that make an address a link. */
const SPECIAL = /[\\`*_[\]<>#|~&$!]|:(?=\/\/)|(?<=\bwww)\./gi;
/** What begins a list, a heading or a line below a heading. */
const START = /^(?:[-+=]|\d+(?=[.)](?:\s|$)))/;

/** Writes text that is shown as it is. A word joiner follows "@": GitHub looks for names of users in what is shown. */
function plain(text: string): string {
  return directionRuns(visibleText(text).trim())
    .map((run, i) => (i % 2 === 0 ? run : `\u2068${run}\u2069`))
    .join('')
    .replace(SPECIAL, (c) => `\\${c}`)
    .replaceAll('@', '\\@\u2060')
    .replace(START, (start) =>
      /\d/.test(start) ? `${start.slice(0, -1)}&#${start.charCodeAt(start.length - 1)};` : `\\${start}`,
    );
}

/** A block of code whose fence is longer than any in its text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [fence, ...text.split('\n').map(visibleText), fence].join('\n');
}
