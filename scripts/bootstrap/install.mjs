import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ignoresHangup } from './hangup.mjs';
import { takeLock } from './lock.mjs';

/** Installs from package-lock.json unless node_modules is known to hold just that. */
export async function ensureInstalled(root, parent) {
  if (isInstalled(root)) return;
  const lock = await takeLock(join(root, '.soakd-install.lock'), (owner) => {
    say(`another soakd (pid ${owner?.pid ?? 'unknown'}) is installing the packages; waiting for it`);
  });
  try {
    // It may have been installed while this process waited.
    if (isInstalled(root)) return;
    if (!isInstalledByHand(root)) await install(root, lock, parent);
    writeFileSync(stampFile(root), stamp(root));
  } finally {
    lock.release();
  }
}

function stampFile(root) {
  return join(root, 'node_modules/.soakd-installed');
}

function stamp(root) {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return `${lockfile} ${process.platform} ${process.arch}\n`;
}

function isInstalled(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === stamp(root);
  } catch {
    return false;
  }
}

/**
 * Whoever ran `npm ci` or `npm install` in person has what is needed, and node_modules is not taken from
 * under them: npm's own record of what it installed must name the very packages of the lockfile, and the
 * pinned Node must run, as the record does not say for which platform it was.
 */
function isInstalledByHand(root) {
  let installed;
  let wanted;
  try {
    installed = JSON.parse(readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8')).packages;
    wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  } catch {
    return false;
  }
  const same = Object.entries(wanted).every(([path, { version, optional }]) => {
    return path === '' || installed[path]?.version === version || (optional && installed[path] === undefined);
  });
  if (!same || !Object.keys(installed).every((path) => path in wanted)) return false;
  const { status, stdout } = spawnSync(join(root, 'node_modules/node/bin/node'), ['--version'], {
    encoding: 'utf8',
  });
  return status === 0 && stdout.trim() === `v${wanted['node_modules/node']?.version}`;
}

async function install(root, lock, parent) {
  const why = existsSync(join(root, 'node_modules'))
    ? 'node_modules is not from the present package-lock.json'
    : 'there is no node_modules yet';
  say(`${why}: installing the packages with \`npm ci\` (once, about 350 MB)`);
  const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(root, ['ci', ...flags], lock, parent);
  await fetchNode(root, flags, lock, parent);
}

/**
 * The package `node` gets its binary by an install script. Where scripts are switched off the package that
 * holds the binary is fetched by name instead: it needs none. A failure is left to whoever looks for the
 * binary, who may have another.
 */
async function fetchNode(root, flags, lock, parent) {
  const folder = join(root, 'node_modules/node');
  if (!existsSync(folder) || existsSync(join(folder, 'bin/node'))) return;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${process.platform}-${process.arch}`;
  say(`install scripts are off, fetching the pinned Node as ${name}@${version}`);
  try {
    await npm(
      folder,
      ['install', '--no-save', '--no-package-lock', ...flags, `${name}@${version}`],
      lock,
      parent,
    );
    mkdirSync(join(folder, 'bin'), { recursive: true });
    copyFileSync(join(folder, 'node_modules', name, 'bin/node'), join(folder, 'bin/node'));
  } catch (error) {
    if (error.exitCode !== undefined) throw error;
    say(error.message);
  }
}

/** Runs npm with its output on standard error: standard output belongs to the entry. */
function npm(cwd, args, lock, parent) {
  // The npm that started this one, if it was npm (and not another package manager that sets the same name).
  const cli = process.env.npm_execpath;
  const own = cli !== undefined && /npm-cli\.c?js$/.test(cli);
  const child = spawn(own ? process.execPath : 'npm', own ? [cli, ...args] : args, {
    cwd,
    stdio: ['ignore', 2, 2],
  });
  lock.installer(child.pid);
  return new Promise((done, fail) => {
    let interrupted;
    const stop = (signal) => {
      interrupted = signal;
      child.kill(signal);
    };
    const handlers = (ignoresHangup() ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP']).map(
      (signal) => [signal, () => stop(signal)],
    );
    for (const [signal, handler] of handlers) process.on(signal, handler);
    parent.onLost(() => stop('SIGTERM'));
    const settle = (finish) => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
      finish();
    };
    child.on('error', (error) => {
      settle(() =>
        fail(new Error(`cannot run npm: ${error.message}. npm comes with Node: see https://nodejs.org`)),
      );
    });
    child.on('exit', (code, signal) => {
      settle(() => {
        if (interrupted !== undefined) {
          const error = new Error('interrupted while installing the packages');
          fail(Object.assign(error, { exitCode: 128 + constants.signals[interrupted] }));
        } else if (code === 0) done();
        else {
          fail(
            new Error(
              `\`npm ${args[0]}\` failed (${signal ?? `exit code ${code}`}); npm's own message is above.\n` +
                '  Is the package registry reachable? Try by hand: npm ci --include=dev',
            ),
          );
        }
      });
    });
  });
}

function say(line) {
  process.stderr.write(`soakd: ${line}\n`);
}
