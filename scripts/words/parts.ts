import jsTokens from 'js-tokens';

/** A piece of a file in which words are looked for. */
export interface Part {
  readonly kind: 'text' | 'name';
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

const COMMENT = /^(?:MultiLineComment|SingleLineComment)$/;
const LITERAL = /^(?:StringLiteral|NoSubstitutionTemplate|Template(?:Head|Middle|Tail))$/;
const NAME = /^(?:IdentifierName|PrivateIdentifier)$/;

/** TypeScript's `x!`, which would begin a regular expression where it is divided. */
const NOT_NULL = /([\w\])])!(?=[\s.,;)\]}[/*+-])(?!=)/g;

/** Returns the texts (literals and comments) and the names of a TypeScript file; names of modules are neither. */
export function partsOfSource(source: string): Part[] {
  const parts: Part[] = [];
  let line = 1;
  let before = '';
  for (const { type, value } of jsTokens(source.replace(NOT_NULL, '$1 '))) {
    if (COMMENT.test(type)) parts.push({ kind: 'text', text: value.replace(/\n\s*\* ?/g, ' '), line });
    else if (LITERAL.test(type) && before !== 'from' && before !== 'import')
      parts.push({ kind: 'text', text: value.replace(/^['"`}]|(?:['"`]|\$\{)$/g, ''), line });
    else if (NAME.test(type)) parts.push({ kind: 'name', text: value, line });
    line += value.split('\n').length - 1;
    if (type !== 'WhiteSpace' && type !== 'LineTerminatorSequence') before = value;
  }
  return joined(parts);
}

/** Lines of `//` that follow each other are one text. */
function joined(parts: readonly Part[]): Part[] {
  const all: Part[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    const isLine = part.kind === 'text' && part.text.startsWith('//');
    if (isLine && last?.text.startsWith('//') === true)
      all[all.length - 1] = { ...last, text: `${last.text} ${part.text.slice(2).trim()}` };
    else all.push(part);
  }
  return all;
}

/** Returns the paragraphs of a document. */
export function partsOfText(text: string): Part[] {
  const parts: Part[] = [];
  let line = 1;
  for (const paragraph of text.split('\n\n')) {
    parts.push({ kind: 'text', text: paragraph.replace(/\n\s*/g, ' '), line });
    line += paragraph.split('\n').length + 1;
  }
  return parts;
}
