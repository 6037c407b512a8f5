import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { start } from './process.ts';
import { ROOT } from './root.ts';

/** What a checkout may hold besides its own files. */
const NOT_ITS_OWN = /^(node_modules|\.git|\.venv|dist|coverage|tmp|.*\.(tgz|log))$/;
/** npm's words for a registry that it cannot reach. */
const UNREACHABLE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT)\b/;

/** The npm package, made from a copy of the checkout: nothing of this one is written to. */
export interface Packed {
  readonly tarball: string;
  /** Paths in it. */
  readonly files: readonly string[];
  /** The copy it was made from, with what the build left in it. */
  readonly checkout: string;
  /** An empty folder outside of any checkout, and not in one that npm would take for a package's. */
  readonly folder: string;
  /** Installs the package there. @returns why that could not be tried: no registry */
  install(): Promise<string | undefined>;
  remove(): Promise<void>;
}

/** Runs `npm pack` for real, with the build that belongs to it. */
export async function pack(): Promise<Packed> {
  const top = await mkdtemp(join(tmpdir(), 'soakd-package-'));
  const checkout = join(top, 'checkout');
  const folder = join(top, 'user');
  await cp(ROOT, checkout, {
    recursive: true,
    filter: (path) => path === ROOT || !NOT_ITS_OWN.test(basename(path)),
  });
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const packing = start('npm', ['pack', '--json', '--pack-destination', top], { cwd: checkout });
  const { code } = await packing.ended(120_000);
  if (code !== 0) throw new Error(`npm pack failed (${code})\n${packing.output}`);
  const [{ filename, files }] = JSON.parse(packing.stdout.text);
  const tarball = join(top, filename);
  return {
    tarball,
    files: files.map((file: { path: string }) => file.path),
    checkout,
    folder,
    async install() {
      await mkdir(folder);
      await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
      // One more try and no more: where there is no registry, that is to be known soon.
      const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000'];
      const flags = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', ...patience];
      const installing = start('npm', ['install', ...flags, tarball], { cwd: folder });
      const exit = await installing.ended(120_000);
      if (exit.code === 0) return undefined;
      if (UNREACHABLE.test(installing.stderr.text)) return 'wants the npm registry';
      throw new Error(`npm install failed (${exit.code})\n${installing.output}`);
    },
    remove: () => rm(top, { recursive: true, force: true }),
  };
}
