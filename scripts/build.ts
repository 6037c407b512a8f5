/**
 * `npm run build`, which `npm pack` does by itself: makes `dist/` anew, all that the npm package has besides files of
 * the checkout: JavaScript, declarations of what `src/api.ts` exports, the page, the commit, and a bill of materials. Only
 * standard error is written to: standard output is that of `npm pack --json`.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserSource } from '../src/http/browser-source.ts';
import { billOfMaterials, lockWithoutDevelopment } from './build/bill-of-materials.ts';
import { keepDeclarationsOf } from './build/declarations.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
tsc('--removeComments');
// What has been checked is not checked again.
tsc('--declaration', '--emitDeclarationOnly', '--noCheck');
keepDeclarationsOf(DIST, 'api.d.ts');
buildPage();
writeFileSync(join(DIST, 'sbom.cdx.json'), billOfMaterials(npmSbom()));
const revision = process.env.SOAKD_REVISION ?? commit();
if (revision !== undefined) writeFileSync(join(DIST, 'revision'), `${revision}\n`);

function tsc(...flags: string[]): void {
  const bin = join(ROOT, 'node_modules/typescript/bin/tsc');
  run(process.execPath, bin, '-p', 'tsconfig.build.json', '--outDir', DIST, ...flags);
}

/** What a checkout serves from its TypeScript, the package has as JavaScript. */
function buildPage(): void {
  const web = join(ROOT, 'src/web');
  mkdirSync(join(DIST, 'web'));
  for (const file of globSync('*.ts', { cwd: web }))
    writeFileSync(
      join(DIST, 'web', file.replace(/\.ts$/, '.js')),
      browserSource(readFileSync(join(web, file), 'utf8')),
    );
  for (const file of globSync('*.css', { cwd: web })) copyFileSync(join(web, file), join(DIST, 'web', file));
}

/** Of what package-lock.json names; what happens to lie in node_modules does not matter. */
function npmSbom(): string {
  const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
  const { devDependencies: _, ...manifest } = read('package.json');
  const folder = mkdtempSync(join(tmpdir(), 'soakd-sbom-'));
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    const lock = lockWithoutDevelopment(read('package-lock.json'));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', `--prefix=${folder}`];
    // The npm that started this, or the one on the path.
    const cli = process.env.npm_execpath ?? '';
    return /npm-cli\.c?js$/.test(cli) ? run(process.execPath, cli, ...args) : run('npm', ...args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the commit that is built, with `-dirty` where files differ from it; absent outside a checkout */
function commit(): string | undefined {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  const { status, stdout } = git('rev-parse', '--short=12', 'HEAD');
  if (status !== 0) return undefined;
  return stdout.trim() + (git('status', '--porcelain').stdout.trim() === '' ? '' : '-dirty');
}

/** @returns standard output. Ends this process where the program fails. */
function run(command: string, ...args: string[]): string {
  const { status, stdout, error } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return stdout;
  const why = error?.message ?? `exit code ${status}`;
  process.stderr.write(`${stdout ?? ''}soakd: ${command} ${args.join(' ')}: ${why}\n`);
  process.exit(1);
}
