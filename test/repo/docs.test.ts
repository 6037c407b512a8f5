import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { COMMANDS as LISTED } from '../../src/cli/commands.ts';
import { runCommand } from '../../src/cli/run.ts';
import { parseConfig } from '../../src/config/load.ts';
import { fillTables } from '../../src/gen/docs.ts';
import { ROOT } from '../../support/root.ts';

const PAGES = globSync(['*.md', 'docs/*.md', 'examples/**/*.md'], {
  cwd: ROOT,
  exclude: ['**/node_modules/**', '**/.venv/**'],
});
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');
const COMMANDS = await Promise.all(LISTED.map((listed) => listed.load()));

describe('the docs', () => {
  it('links lead to files that exist', () => {
    for (const page of PAGES) {
      for (const [, to] of read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
        assert.ok(globSync(join(ROOT, dirname(page), to!)).length > 0, `${page} links to ${to}`);
      }
    }
  });

  it('a table begins on a line of its own, as wide as its rows', () => {
    const cells = (line: string): number => line.replaceAll('\\|', '').split('|').length;
    const wrong = PAGES.flatMap((page) => {
      const lines = read(page).split('\n');
      return lines.flatMap((line, i) =>
        /^\|(?: ?:?-+:? ?\|)+$/.test(line) &&
        !(lines[i - 1]!.startsWith('|') && cells(lines[i - 1]!) === cells(line))
          ? [`${page}:${i}: ${lines[i - 1]}`]
          : [],
      );
    });
    assert.deepEqual(wrong, []);
  });

  it('generated tables are those of the code', () => {
    for (const page of PAGES)
      assert.equal(fillTables(read(page)), read(page), `${page}: run npm run generate`);
  });

  it("README's configuration is valid", () => {
    const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(read('README.md'))!;
    const config = parseConfig(yaml!, { file: 'README.md' });
    assert.equal(config.serve.start, 'evening');
  });

  it('every flag and command that they show exists', () => {
    const seen = new Set<string>();
    for (const page of PAGES) {
      for (const [, name, rest] of read(page).matchAll(/soakd -- (\w+)([^\n`|]*)/g)) {
        const command = COMMANDS.find((c) => c.name() === name);
        assert.ok(command, `${page} shows soakd ${name}`);
        for (const [flag] of rest!.matchAll(/--[a-z-]+/g)) {
          const known = command.options.some((o) => o.long === flag) || flag === '--help';
          assert.ok(known, `${page} shows soakd ${name} ${flag}`);
          seen.add(flag);
        }
      }
    }
    assert.ok(seen.has('--target'), 'the pattern finds what it is for');
    const usage = read('docs/usage.md');
    for (const option of runCommand().options)
      assert.match(
        usage,
        new RegExp(`\`[^\`]*${option.long}|${option.long}`),
        `docs/usage.md leaves out ${option.long}`,
      );
  });
});
