import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './root.ts';

/** An entry that tells who it is and what reaches it, and takes half a second to stop. */
const ENTRY = `
const [command, ...args] = process.argv.slice(2);
const say = (line: object) => process.stdout.write(JSON.stringify(line) + '\\n');
if (command === 'serve') {
  setInterval(() => {}, 1000);
  const stop = (got: string) => {
    say({ got });
    setTimeout(() => { say({ stopped: true }); process.exit(0); }, 500);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('disconnect', () => stop('disconnect'));
}
say({ pid: process.pid, parent: process.ppid, node: process.version, command, args });
if (command === 'exit') process.exitCode = Number(args[0]);
if (command === 'die') process.kill(process.pid, args[0]);
`;

/**
 * npm as far as the bootstrap needs it: notes each call, takes its time, and installs the Node that runs the
 * tests. FAKE_NPM=fail fails; =no-scripts leaves out the binary that a script would bring, which is then fetched
 * as a package; =no-binary fails at that too.
 */
const FAKE_NPM = `
const { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const [command, ...args] = process.argv.slice(2);
appendFileSync(join(__dirname, '../npm-calls'), process.pid + ' ' + command + ' ' + args.join(' ') + '\\n');
console.log('npm says hello');
const how = process.env.FAKE_NPM;
setTimeout(() => {
  if (how === 'fail' || (how === 'no-binary' && command === 'install')) process.exit(3);
  const bin = command === 'install' ? join('node_modules', args.at(-1).split('@')[0], 'bin') : 'node_modules/node/bin';
  if (command === 'ci') rmSync('node_modules', { recursive: true, force: true });
  mkdirSync(how === undefined || command === 'install' ? bin : 'node_modules/node', { recursive: true });
  if (how === undefined || command === 'install') symlinkSync(process.env.FAKE_NODE, join(bin, 'node'));
  if (command === 'ci') writeFileSync('node_modules/node/package.json', JSON.stringify({ version: process.versions.node }));
}, Number(process.env.FAKE_NPM_MS ?? 100));
`;

export interface Checkout {
  readonly folder: string;
  /** Environment with which the bootstrap takes the fake npm. */
  readonly fakeNpm: Readonly<Record<string, string>>;
  path(name: string): string;
  /** Makes it look installed, as the bootstrap itself would. */
  install(): Promise<void>;
  remove(): Promise<void>;
}

/** A checkout of the bootstrap alone, with an entry of its own, in a temporary folder: nothing is installed. */
export async function makeCheckout(): Promise<Checkout> {
  const folder = await mkdtemp(join(tmpdir(), 'soakd-checkout-'));
  const path = (name: string) => join(folder, name);
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const node = process.versions.node;
  await writeFile(
    path('package.json'),
    JSON.stringify({ name: 'soakd', type: 'module', scripts, devDependencies: { node } }),
  );
  const lockfile = JSON.stringify({ packages: { '': {}, 'node_modules/node': { version: node } } });
  await writeFile(path('package-lock.json'), lockfile);
  await mkdir(path('scripts'));
  await cp(join(ROOT, 'scripts/bootstrap.mjs'), path('scripts/bootstrap.mjs'));
  await cp(join(ROOT, 'scripts/bootstrap'), path('scripts/bootstrap'), { recursive: true });
  await mkdir(path('src/cli'), { recursive: true });
  await writeFile(path('src/cli/main.ts'), ENTRY);
  await mkdir(path('fake'));
  await writeFile(path('fake/package.json'), '{ "type": "commonjs" }');
  await writeFile(path('fake/npm-cli.js'), FAKE_NPM);
  return {
    folder,
    fakeNpm: { npm_execpath: path('fake/npm-cli.js'), FAKE_NODE: process.execPath },
    path,
    install: async () => {
      await mkdir(path('node_modules/node/bin'), { recursive: true });
      await symlink(process.execPath, path('node_modules/node/bin/node'));
      const hash = createHash('sha256').update(lockfile).digest('hex');
      await writeFile(path('node_modules/.soakd-installed'), `${hash} ${process.platform} ${process.arch}\n`);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
