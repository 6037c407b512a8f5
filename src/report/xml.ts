/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Elements, or text alone. */
  readonly content: readonly XmlElement[] | string;
}

export function element(
  name: string,
  attributes: XmlElement['attributes'] = {},
  content: XmlElement['content'] = [],
): XmlElement {
  return { name, attributes, content };
}

/** What XML 1.0 (section 2.2) allows in no place, not even as a character reference. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it is for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
/** Line breaks and tabs too: a reader turns them into spaces in an attribute, and CR into LF everywhere. */
const IN_ATTRIBUTE = /[&<>"\t\n\r]/g;
const IN_TEXT = /[&<>\r]/g;
const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * Returns a document in UTF-8 (XML 1.0), with one element a line. Characters that XML forbids, and halves of surrogate
 * pairs, become U+FFFD; all others are read as they were. Names are the caller's own and are not checked.
 */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, '')}\n`;
}

function written({ name, attributes, content }: XmlElement, indent: string): string {
  const pairs = Object.entries(attributes).map(([key, v]) => ` ${key}="${escaped(String(v), IN_ATTRIBUTE)}"`);
  const head = `${indent}<${name}${pairs.join('')}`;
  if (content.length === 0) return `${head}/>`;
  if (typeof content === 'string') return `${head}>${escaped(content, IN_TEXT)}</${name}>`;
  return [`${head}>`, ...content.map((c) => written(c, `${indent}  `)), `${indent}</${name}>`].join('\n');
}

function escaped(text: string, special: RegExp): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, '\ufffd')
    .replace(special, (c) => NAMED[c] ?? `&#${c.charCodeAt(0)};`);
}
