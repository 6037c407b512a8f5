import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Returns whether soakd was started so that it ignores SIGHUP, as `nohup` does. Node resets the disposition of signals
 * before any of our code runs, so two traces of `nohup` are looked for: a standard input that it opened for writing alone,
 * and its name in `_`, where shells put the command that they start. Both reach soakd through npm and the bootstrap.
 * scripts/bootstrap/hangup.mjs has the same rules.
 * @param fdinfo text of /proc/self/fdinfo/0; `undefined` if there is none
 */
export function ignoresHangup(env: NodeJS.ProcessEnv = process.env, fdinfo = inputInfo()): boolean {
  if (basename(env._ ?? '') === 'nohup') return true;
  const flags = /^flags:\s*([0-7]+)$/m.exec(fdinfo ?? '')?.[1];
  // The two lowest bits are the access mode; 1 is O_WRONLY.
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1;
}

function inputInfo(): string | undefined {
  try {
    return readFileSync('/proc/self/fdinfo/0', 'utf8');
  } catch {
    return undefined;
  }
}
