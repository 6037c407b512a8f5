import type { ErrorCode } from 'yaml';

/** Found, expected, advice. */
export type Fault3 = readonly [found: string, expected: string, advice: string];

const INDENT: Fault3 = [
  'an indentation that does not fit',
  'keys of one mapping below each other',
  'align them with spaces',
];
/** The same code of the parser where a flow collection is not closed: its text alone distinguishes the two. */
const OPEN_BRACKET: Fault3 = [
  'a line that does not belong to the bracket that is open above it',
  'each [ and { closed',
  'close the bracket, or put the text that holds it in quotes',
];
const UNEXPECTED: Fault3 = [
  'something that YAML does not allow here',
  'a single value',
  'put a string that holds any of : # { } [ ] , & * in quotes',
];
const TAG: Fault3 = ['a YAML tag (a word with !)', 'plain values', 'remove it'];
const ANCHOR: Fault3 = [
  'anchors or tags that YAML does not allow here',
  'one anchor before a value',
  'remove them',
];

/**
 * Message for each kind of syntax error. The parser's own messages quote the source and could expose a header or a
 * body.
 */
export const YAML_FAULTS: Readonly<Record<ErrorCode, Fault3>> = {
  ALIAS_PROPS: ANCHOR,
  BAD_ALIAS: [
    'an alias that is not complete',
    '* and the name of an anchor',
    'put the text in quotes, or name an anchor',
  ],
  BAD_COLLECTION_TYPE: TAG,
  BAD_DIRECTIVE: ['a YAML directive (a line with %)', 'none', 'remove it'],
  BAD_DQ_ESCAPE: [
    'an escape that YAML does not know',
    'one such as \\n, \\" or \\\\',
    'write \\\\ for a backslash, or use single quotes',
  ],
  BAD_INDENT: INDENT,
  BAD_PROP_ORDER: ANCHOR,
  BAD_SCALAR_START: [
    'a character that cannot begin a string',
    'a string that begins otherwise',
    'put the text in quotes',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'a second ": " on the line, or a key that is indented too far',
    'one key to a line',
    'put the text in quotes, or fix the indentation',
  ],
  BLOCK_IN_FLOW: [
    'a block inside { } or [ ]',
    'values on one line',
    'close the bracket, or write all of it as a block',
  ],
  DUPLICATE_KEY: ['a key for the second time', 'each key once', 'remove one of them'],
  IMPOSSIBLE: UNEXPECTED,
  KEY_OVER_1024_CHARS: [
    'a key of more than 1024 characters',
    'a short key',
    'close the quote or bracket before it',
  ],
  MISSING_CHAR: [
    'no quote, bracket, comma or ": " where one is needed',
    'each opened one closed, and ": " after each key',
    'add it here or above',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'a key over several lines',
    'a key on one line',
    'add ": " after it, or fix the indentation',
  ],
  MULTIPLE_ANCHORS: ANCHOR,
  MULTIPLE_DOCS: ['a second document', 'one in a file', 'remove it and the --- before it'],
  MULTIPLE_TAGS: TAG,
  NON_STRING_KEY: ['a key that is not a string', 'strings as keys', 'put it in quotes'],
  RESOURCE_EXHAUSTION: ['values nested too deep', 'at most 32 levels', 'write it flatter'],
  TAB_AS_INDENT: ['a tab in the indentation', 'spaces', 'replace tabs by spaces'],
  TAG_RESOLVE_FAILED: TAG,
  UNEXPECTED_TOKEN: UNEXPECTED,
};

/** Returns the message for an error of the parser. */
export function yamlFault({ code, message }: { readonly code: ErrorCode; readonly message: string }): Fault3 {
  return code === 'BAD_INDENT' && message.startsWith('Flow ') ? OPEN_BRACKET : YAML_FAULTS[code];
}
