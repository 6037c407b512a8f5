import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findWords } from '../../scripts/words/find.ts';
import { ALLOWED, BANNED } from '../../scripts/words/list.ts';
import { partsOfSource, partsOfText } from '../../scripts/words/parts.ts';

const inSource = (source: string): string[] =>
  findWords('src/planted.ts', partsOfSource(source)).map(({ line, found }) => `${line} ${found}`);
const inText = (text: string): string[] =>
  findWords('docs/planted.md', partsOfText(text)).map(({ line, found }) => `${line} ${found}`);

describe('words that soakd does not use', () => {
  const planted: readonly [where: string, source: string, found: string][] = [
    ['the text of a log', "log.info({}, 'the road is closed');", '1 road'],
    ['a HELP text', "counter('soak_x_total', 'Times that whoever asked was told.');", '1 whoever'],
    ['a field of the API', "object('Run', { honesty: number('x') });", '1 honesty'],
    ['a name', 'const findRoad = 1;', '1 findRoad'],
    ['a private name', 'class A { #demandUsers() {} }', '1 #demandUsers'],
    ['a constant', 'const MOST_EVENTS = 1;', '1 MOST_EVENTS'],
    ['a template text', `f(\`\${a} climbs \${b}\`);`, '1 climbs'],
    ['a comment over two lines', '/** It goes\n * on for hours. */', '1 goes on'],
    ['lines of comments', '// The clock stands\n// still here.', '1 stands still'],
    ['what stands behind a division', `const x = a! / b!;\nf(\`judged \${x}\`);`, '2 judged'],
  ];
  for (const [where, source, found] of planted)
    it(`are found in ${where}`, () => assert.ok(inSource(source).includes(found), inSource(source).join()));

  it('are found in a document, with the line of their paragraph', () => {
    assert.deepEqual(inText('# Title\n\nGood.\n\nNothing goes\non here.\n'), ['5 goes on']);
  });

  it('are not found in parts of words, in modules, or in names that only look like them', () => {
    assert.deepEqual(inSource("import { x } from './road.ts';\nconst broadcast = 'broad figurehead';"), []);
    assert.deepEqual(inSource('const mostly = Math.max(1, 2);\nconst MAX_EVENTS = isPresent(1);'), []);
    assert.deepEqual(inText('Every commend and amendment.'), []);
  });

  it('each has what to write in its place, and each exception a reason', () => {
    for (const { instead, text, name } of BANNED) assert.ok(instead !== '' && (text ?? name) !== undefined);
    for (const { why } of ALLOWED) assert.ok(why.length > 10, why);
  });
});
