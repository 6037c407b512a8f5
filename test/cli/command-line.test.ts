import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commandLine } from '../../src/cli/command-line.ts';

const REFERENCE = '$'.concat('{env:KEY}');

const table: readonly [what: string, args: string[], shown: string][] = [
  ['plain flags stay as typed', ['run', 'demo', '--users', '5'], 'soakd run demo --users 5'],
  ['what a shell would split is quoted', ['run', '--terminal', '[DONE]'], "soakd run --terminal '[DONE]'"],
  ['the value of a header is left out', ['--header', 'X-Key: s3cret'], "soakd --header 'X-Key: …'"],
  ['also behind an equals sign', ['--header=X-Key: s3cret'], "soakd '--header=X-Key: …'"],
  ['a body is left out', ['--body', '{"key":"s3cret"}'], 'soakd --body …'],
  ['the file of a body stays', ['--body', '@body.json'], 'soakd --body @body.json'],
  ['a password is left out', ['--user', 'me:s3cret'], 'soakd --user me:…'],
  ['a token is left out', ['--bearer', 's3cret'], 'soakd --bearer …'],
  ['a reference holds no secret', ['--bearer', REFERENCE], `soakd --bearer '${REFERENCE}'`],
  [
    'a URL loses user, password and query',
    ['--target', 'http://u:s3cret@a/?k=s3cret'],
    "soakd --target 'http://a/?…'",
  ],
  ['a URL without its flag, too', ['run', 'http://u:s3cret@a/?k=s3cret'], "soakd run 'http://a/?…'"],
  ['a flag without its value is no error', ['--bearer'], 'soakd --bearer'],
];

describe('the command of a run, in its summary', () => {
  for (const [what, args, shown] of table)
    it(what, () => {
      assert.equal(commandLine(args), shown);
      assert.doesNotMatch(commandLine(args), /s3cret/);
    });

  it('is cut where it is very long', () => {
    assert.ok(commandLine(['run', 'x'.repeat(10_000)]).length < 2100);
  });
});
