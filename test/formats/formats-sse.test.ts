/** Bodies that are said to be server-sent events, and are or are not: see sse-opening.ts. */
import { type Case, table } from './format-table.ts';

const PAGE =
  '<!doctype html>\n<html><head>\n<style>\n  a: b\n</style>\n</head>\n\n<body>secret</body></html>\n';
const FOREIGN = /^the body is no stream of events$/;

table('sse', [
  { name: 'a page', body: PAGE, outcome: 'malformed', detail: FOREIGN, early: false, tally: { chunks: 0 } },
  { name: 'an error in JSON', body: '{"error":{"message":"secret"}}', outcome: 'malformed', detail: FOREIGN },
  { name: 'text without a line end', body: 'Internal Server Error', outcome: 'malformed' },
  {
    name: 'compressed bytes',
    body: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]),
    outcome: 'malformed',
    detail: FOREIGN,
    early: true,
  },
  {
    name: 'a NUL before any field',
    body: 'x\0y\n\ndata: a\n\n',
    outcome: 'malformed',
    early: true,
    tally: { chunks: 1 },
  },
  {
    name: 'UTF-8 that breaks off before any field',
    body: Buffer.from('x: caf\xc3\ndata: a\n\n', 'latin1'),
    outcome: 'malformed',
    early: true,
  },
  {
    name: 'UTF-8 that is a surrogate',
    body: Buffer.from('\xed\xa0\x80\n', 'latin1'),
    outcome: 'malformed',
    early: true,
  },
  { name: 'UTF-16', body: Buffer.from('\uFEFFdata: a\n\n', 'utf16le'), outcome: 'malformed', early: true },
  {
    name: 'fields of its own, and then known ones',
    body: 'x-ver: 1 ß€😀\nfoo\n\ndata: a\n\n',
    outcome: 'complete',
    tally: { chunks: 1 },
  },
  {
    name: 'fields of its own after a known one',
    body: ': hello\n\nfoo: 1\n\nbar\n',
    outcome: 'truncated',
    tally: { keepalives: 1 },
  },
  {
    name: 'known fields without an event',
    body: 'retry: 100\n\nid\n\n',
    outcome: 'truncated',
    tally: { chunks: 0 },
  },
  { name: 'a BOM and a comment', body: '\uFEFF:\n\n', outcome: 'truncated', tally: { keepalives: 1 } },
  { name: 'a BOM and a field', body: '\uFEFFdata: a\n\n', outcome: 'complete', tally: { chunks: 1 } },
  {
    name: 'UTF-8 that breaks off with its line',
    body: Buffer.from('x\xc3\n: c\n\n', 'latin1'),
    outcome: 'malformed',
    early: true,
  },
  { name: 'a BOM on a later line', body: 'x\n\uFEFFdata: a\n\n', outcome: 'malformed' },
  { name: 'two BOMs', body: '\uFEFF\uFEFFdata: a\n\n', outcome: 'malformed' },
  { name: 'a BOM alone on its line', body: '\uFEFF\n\ndata: a\n\n', outcome: 'complete' },
  { name: 'blank lines alone', body: '\n\r\n\r', outcome: 'truncated' },
  {
    name: 'bytes that are not UTF-8, in a field',
    body: Buffer.from('data: \xff\0\n\n', 'latin1'),
    outcome: 'complete',
    tally: { chunks: 1 },
  },
  ...['\uFEFF', 'd', 'dat', 'eve', 'i', 'retr', '\uFEFFda'].map(
    (body): Case => ({
      name: `cut off in its first field: ${JSON.stringify(body)}`,
      body,
      outcome: 'truncated',
      early: false,
    }),
  ),
  ...['datum', 'xyz', 'Data', 'dat\n'].map(
    (body): Case => ({ name: `no field: ${JSON.stringify(body)}`, body, outcome: 'malformed', early: false }),
  ),
]);

for (const format of ['openai-chat', 'openai-responses', 'anthropic'] as const) {
  table(format, [
    { name: 'a page', body: PAGE, outcome: 'malformed', detail: FOREIGN, early: false },
    { name: 'a body cut off in its first field', body: 'dat', outcome: 'truncated', early: false },
    { name: 'nothing', body: '', outcome: 'truncated', early: false },
  ]);
}
