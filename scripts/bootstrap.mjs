/**
 * Brings a fresh clone to life: `node scripts/bootstrap.mjs <entry> [args…]` installs what package-lock.json
 * names where that has not happened yet, then runs <entry> under the Node that is pinned in package.json.
 *
 * Plain JavaScript without dependencies, since it is what any Node from 20 on meets first.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ignoresHangup } from './bootstrap/hangup.mjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { watchParent } from './bootstrap/parent.mjs';

/** soakd's own code for "could not start". */
const CANNOT_START = 4;
/** After the parent is gone nobody is left to send a second signal, so a child that hangs is killed. */
const ORPHAN_GRACE_MS = 20_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));

// SIGUSR1 would open Node's inspector.
process.on('SIGUSR1', () => {});
// What nohup starts survives its terminal, and npm does not.
const nohup = ignoresHangup();
if (nohup) process.on('SIGHUP', () => {});

main().catch((error) => {
  process.stderr.write(`soakd: ${error.message}\n`);
  process.exit(error.exitCode ?? CANNOT_START);
});

async function main() {
  if (majorOf(process.versions.node) < 20) {
    throw new Error(`Node 20 or newer is needed, this is ${process.version}: see https://nodejs.org`);
  }
  const [entry, ...args] = process.argv.slice(2);
  if (entry === undefined) throw new Error('usage: node scripts/bootstrap.mjs <entry> [args…]');

  // Before anything that takes time: who the parent was is known only now.
  const parent = watchParent();
  await ensureInstalled(root, parent);
  run(pinnedNode(), resolve(root, entry), args, parent);
}

function run(node, entry, args, parent) {
  // The ipc channel carries no messages: the child takes its end for the end of this process, which is the
  // only notice it gets when this process is killed outright.
  // The main thread with the young generation of the others (src/machine/heap.ts): its default costs 100 MiB in a soak.
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];
  const child = spawn(node, [...flags, entry, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // What a start compiles the next one finds: a third of the CPU of a start. Node leaves it where it cannot write.
    // Few arenas of malloc: memory that one thread has freed is used by the others.
    env: {
      NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
      MALLOC_ARENA_MAX: '2',
      ...process.env,
    },
  });
  // A terminal's Ctrl-C reaches the child as well; it takes signals within 300 ms for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    if (signal !== 'SIGHUP' || !nohup) process.on(signal, () => child.kill(signal));
  parent.onLost(() => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), ORPHAN_GRACE_MS).unref();
  });
  child.on('error', (error) => {
    if (child.pid !== undefined) return;
    process.stderr.write(`soakd: cannot run ${node}: ${error.message}\n`);
    process.exit(CANNOT_START);
  });
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}

/** @returns path of the Node to run soakd with: the pinned one, else this one where it is new enough */
function pinnedNode() {
  const binary = join(root, 'node_modules/node/bin/node');
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node;
  const runs = existsSync(binary) && spawnSync(binary, ['--version'], { encoding: 'utf8' });
  if (runs && runs.status === 0) return binary;
  const why = runs ? 'does not run on this machine' : 'is missing: were install scripts switched off?';
  if (majorOf(process.versions.node) >= majorOf(wanted)) {
    process.stderr.write(
      `soakd: node_modules/node/bin/node ${why} Going on with this Node, ${process.version}.\n`,
    );
    return process.execPath;
  }
  throw new Error(
    `node_modules/node/bin/node ${why}\n` +
      `  Allow them for this package and try again: npm rebuild node --ignore-scripts=false\n` +
      `  or start soakd with Node ${majorOf(wanted)} or newer (this is ${process.version}).`,
  );
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}
