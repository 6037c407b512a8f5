import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT_MS = 2_000;
/** An owner that has not touched its lock for so long is gone, whatever has its pid now. */
const SILENT_MS = 20_000;
/** An installer whose owner was killed goes on by itself; it is waited for, but not for ever. */
const INSTALLER_MS = 600_000;

/**
 * Takes the lock, waiting while a living process holds it. A folder that is renamed into place with its owner
 * in it: the rename is atomic and fails where such a folder is, so that nobody sees a lock without its owner.
 *
 * @param path of the folder that is the lock
 * @param onWait called once, with the holder, if there is a wait
 * @returns `{ installer(pid), release() }`
 */
export async function takeLock(path, onWait) {
  const token = randomUUID();
  let waited = false;
  for (;;) {
    const held = read(path);
    if (held === undefined) {
      const owner = { token, host: hostname(), pid: process.pid };
      if (take(path, owner)) return hold(path, owner);
      continue;
    }
    if (isStale(held)) {
      breakLock(path, held, token);
      continue;
    }
    if (!waited) onWait(held.owner);
    waited = true;
    await sleep(200);
  }
}

/** @returns whether the lock is this owner's; false if another was faster */
function take(path, owner) {
  const aside = `${path}.${owner.token}`;
  try {
    mkdirSync(aside);
    // Keeps the lock out of `git status` without a line in the repository's own file.
    writeFileSync(join(aside, '.gitignore'), '*\n');
    writeFileSync(join(aside, 'owner.json'), JSON.stringify(owner));
    renameSync(aside, path);
    return true;
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    if (error.code === 'EEXIST' || error.code === 'ENOTEMPTY') return false;
    throw error;
  }
}

function hold(path, owner) {
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // Taken away by hand; the install goes on, as nothing better can be done.
    }
  }, BEAT_MS);
  beat.unref();
  const release = () => {
    clearInterval(beat);
    if (read(path)?.owner?.token === owner.token) rmSync(path, { recursive: true, force: true });
  };
  return {
    /** The process that writes node_modules, which outlives its owner if that is killed. */
    installer(pid) {
      const file = join(path, 'owner.json');
      writeFileSync(`${file}.new`, JSON.stringify({ ...owner, installer: pid }));
      renameSync(`${file}.new`, file);
    },
    release,
  };
}

/** @returns undefined if there is no lock; `owner` is undefined if the folder was made by something else */
function read(path) {
  try {
    const ageMs = Date.now() - statSync(path).mtimeMs;
    try {
      return { ageMs, owner: JSON.parse(readFileSync(join(path, 'owner.json'), 'utf8')) };
    } catch {
      return { ageMs, owner: undefined };
    }
  } catch {
    return undefined;
  }
}

function isStale({ ageMs, owner }) {
  if (owner === undefined || owner.host !== hostname()) return ageMs > SILENT_MS;
  if (owner.installer !== undefined && alive(owner.installer)) return ageMs > INSTALLER_MS;
  return ageMs > SILENT_MS || !alive(owner.pid);
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Two may find the same lock stale and the slower one would break the faster one's new lock. So it is moved
 * aside first, which only one can do, and moved back if it turns out to be another than the one judged.
 */
function breakLock(path, held, token) {
  const aside = `${path}.${token}`;
  try {
    renameSync(path, aside);
    if (read(aside)?.owner?.token !== held.owner?.token) renameSync(aside, path);
    else rmSync(aside, { recursive: true, force: true });
  } catch {
    // Somebody else was faster; the loop looks again.
  }
}
