import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { requireRegular } from '../config/regular-file.ts';

const { O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants;

/** What becomes of a file that exists: replaced, appended to, or in the way (EEXIST). */
const FLAGS = { replace: O_TRUNC, append: O_APPEND, keep: O_EXCL } as const;
export type Existing = keyof typeof FLAGS;

/**
 * Opens a file for writing. Only regular ones: to open a named pipe waits for its reader, and a device such as /dev/null must
 * stay what it is.
 * @returns its descriptor @throws IrregularFileError, ErrnoException
 */
export function openOutputFile(path: string, existing: Existing): number {
  const real = realOutputPath(path);
  // Not to wait either where a pipe has taken its place meanwhile.
  const fd = openSync(real, O_WRONLY | O_CREAT | O_NONBLOCK | FLAGS[existing], 0o666);
  try {
    requireRegular(fstatSync(fd));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Writes a text as {@link openOutputFile} opens its file. @throws IrregularFileError, ErrnoException */
export function writeOutputFile(path: string, text: string, existing: Existing): void {
  const fd = openOutputFile(path, existing);
  try {
    writeFileSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

/**
 * Returns the path of a file behind its links, so that one that is replaced by renaming is the file itself.
 * @throws IrregularFileError where there is anything but a regular file; ErrnoException
 */
export function realOutputPath(path: string): string {
  if (!existsSync(path)) return path;
  const real = realpathSync(path);
  requireRegular(statSync(real));
  return real;
}
