/** `npm run check`: format and lint, types, unused code, generated files, words, import layers. `npm run format` fixes what can be fixed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const bin = (name: string) => join(ROOT, 'node_modules/.bin', name);
const write = process.argv.includes('--write');

const steps: readonly (readonly [what: string, command: string, ...args: string[]])[] = write
  ? [['format and lint', bin('biome'), 'check', '--write', '.']]
  : [
      ['format and lint', bin('biome'), 'ci', '--error-on-warnings', '.'],
      ['types', bin('tsc'), '-p', '.'],
      ['types of the page', bin('tsc'), '-p', 'src/web'],
      ['unused code', process.execPath, 'node_modules/knip/bin/knip.js', '--no-progress'],
      ['generated files', process.execPath, 'scripts/generate.ts', '--check'],
      ['words', process.execPath, '--disable-warning=ExperimentalWarning', 'scripts/words.ts'],
      [
        'layers',
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        '--test',
        'test/repo/layers.test.ts',
      ],
    ];

// All of them, even after one has failed: everything is to be seen at once.
const failed = steps.filter(([what, command, ...args]) => {
  process.stdout.write(`\n== ${what}\n`);
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' }).status !== 0;
});
process.stdout.write(
  failed.length === 0 ? '\ncheck: good\n' : `\ncheck: failed: ${failed.map(([what]) => what).join(', ')}\n`,
);
process.exit(failed.length === 0 ? 0 : 1);
