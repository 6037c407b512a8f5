import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { relative } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMMANDS, nameOf } from '../../src/cli/commands.ts';
import { overview } from '../../src/cli/overview.ts';
import { createProgram } from '../../src/cli/program.ts';
import { ROOT } from '../../support/root.ts';

/** Prints the URL of each module that is loaded, to standard error. */
const LOADED = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from 'node:module';
registerHooks({
  load(url, context, next) {
    process.stderr.write('loaded ' + url + '\\n');
    return next(url, context);
  },
});
`)}`;

function run(...args: string[]): { readonly stdout: string; readonly loaded: readonly string[] } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', LOADED, 'src/cli/main.ts', ...args],
    { cwd: ROOT, encoding: 'utf8', timeout: 60_000 },
  );
  assert.equal(status, 0, stderr);
  const urls = [...stderr.matchAll(/^loaded (file:\S+)$/gm)].map(([, url]) => url!);
  return { stdout, loaded: urls.map((url) => relative(ROOT, fileURLToPath(url))).sort() };
}

/** The overview, and what has to stand before anything is written. */
const FEW = [
  'src/cli/commands.ts',
  'src/cli/early-term.ts',
  'src/cli/exit.ts',
  'src/cli/fatal.ts',
  'src/cli/hangup.ts',
  'src/cli/main.ts',
  'src/cli/overview.ts',
  'src/cli/stdio.ts',
  'src/core/errors.ts',
  'src/core/wrap.ts',
  'src/version.ts',
];

describe('soakd --help and soakd --version', () => {
  for (const flag of ['--help', '-h', '--version', '-V'])
    it(`${flag} loads no package and no module of a command`, () => {
      assert.deepEqual(run(flag).loaded, FEW);
    });

  it('soakd help schema loads the module of schema and of no other command', () => {
    const { loaded } = run('help', 'schema');
    const commands = COMMANDS.map((listed) => `src/cli/${nameOf(listed)}.ts`);
    assert.deepEqual(
      commands.filter((file) => loaded.includes(file)),
      ['src/cli/schema.ts'],
    );
  });

  it('print what commander prints, with and without a command behind them', () => {
    const { stdout } = run('--help');
    assert.equal(stdout, run('help').stdout);
    assert.equal(stdout, overview());
    assert.equal(run('--version').stdout, run('--version', 'help').stdout);
  });

  for (const width of [40, 71, 72, 73, 80, 81, 97, 120, 200, 400])
    it(`the list of commands fits ${width} columns as commander fits it`, async () => {
      const parts: string[] = [];
      const program = await createProgram([]);
      program.configureOutput({ getOutHelpWidth: () => width, writeOut: (part) => parts.push(part) });
      program.outputHelp();
      assert.equal(overview(width), parts.join(''));
    });

  for (const listed of COMMANDS)
    it(`the list shows the arguments and options of ${nameOf(listed)} as its module has them`, async () => {
      const command = await listed.load();
      const takes = command.registeredArguments.map((a) => {
        const name = a.variadic ? `${a.name()}...` : a.name();
        return a.required ? `<${name}>` : `[${name}]`;
      });
      const options = command.options.length > 0 ? ['[options]'] : [];
      assert.equal(listed.term, [command.name(), ...options, ...takes].join(' '));
    });
});
