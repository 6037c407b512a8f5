import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Whether this process was started by nohup: the rules of src/cli/hangup.ts, which says why. */
export function ignoresHangup() {
  if (basename(process.env._ ?? '') === 'nohup') return true;
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & 3) === 1;
  } catch {
    return false;
  }
}
