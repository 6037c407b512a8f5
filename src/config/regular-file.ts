import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';

/** Largest file that a configuration may name, bytes: one of prompts. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Largest secret, certificate or key, bytes. */
const MAX_SECRET_BYTES = 1024 * 1024;

/** What a path names that is no regular file. */
export class IrregularFileError extends Error {
  readonly code = 'ENOTREG';
  /** Such as "a named pipe". */
  readonly kind: string;

  constructor(kind: string) {
    super(`it is ${kind}, expected a regular file`);
    this.kind = kind;
  }
}

/** A file that is larger than it may be. */
export class LargeFileError extends Error {
  readonly code = 'EFBIG';
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`it is larger than ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

/**
 * Returns the bytes of a regular file, one more than the maximum at most: the caller sees that it is larger. Anything else
 * is refused before it is opened, since to open a named pipe waits for its writer, and a device may never end.
 * @throws IrregularFileError, ErrnoException
 */
export function readRegularFile(path: string, maxBytes = MAX_FILE_BYTES): Uint8Array {
  requireRegular(statSync(path));
  // Not to wait either where a pipe has taken its place meanwhile.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    requireRegular(stat);
    let bytes = Buffer.alloc(Math.min(stat.size, maxBytes) + 1);
    let length = 0;
    for (;;) {
      const read = readSync(fd, bytes, length, bytes.length - length, null);
      length += read;
      if (read === 0 || length > maxBytes) return bytes.subarray(0, length);
      // Files of /proc, and files that grow, have more than their size says.
      if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, maxBytes) + 1);
    }
  } finally {
    closeSync(fd);
  }
}

/** Returns the text of a small regular file, such as a secret. @throws IrregularFileError, ErrnoException, LargeFileError */
export function readSmallText(path: string, read: typeof readRegularFile = readRegularFile): string {
  const bytes = read(path, MAX_SECRET_BYTES);
  if (bytes.length > MAX_SECRET_BYTES) throw new LargeFileError(MAX_SECRET_BYTES);
  return new TextDecoder().decode(bytes);
}

/** Returns why a file is refused, such as "which is a named pipe"; `undefined` where it cannot be read at all. */
export function refusalOf(error: unknown): string | undefined {
  if (error instanceof IrregularFileError) return `which is ${error.kind}`;
  return error instanceof LargeFileError ? `which is larger than ${error.maxBytes} bytes` : undefined;
}

/** @throws IrregularFileError */
export function requireRegular(stat: Stats): void {
  if (stat.isFile()) return;
  if (stat.isDirectory()) throw new IrregularFileError('a directory');
  if (stat.isFIFO()) throw new IrregularFileError('a named pipe');
  throw new IrregularFileError(stat.isSocket() ? 'a socket' : 'a device');
}
