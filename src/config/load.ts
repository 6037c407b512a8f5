import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { SoakError } from '../core/errors.ts';
import type { Config } from '../core/scenario.ts';
import { check } from './check.ts';
import { errorOf } from './problem.ts';
import type { ReadFile } from './prompts.ts';
import { processSecrets, type SecretSource } from './secrets.ts';
import { decode, MAX_BYTES, readSource } from './source.ts';

export interface LoadOptions {
  /** Whether an unset secret is an error. */
  readonly checkSecrets: boolean;
  readonly env?: SecretSource['env'];
  /** Base directory of relative paths. */
  readonly cwd?: string;
}

/**
 * Reads and checks a configuration file.
 * @param path path of the file; messages show it as given
 * @throws SoakError with one line in `details` for each thing wrong
 */
export function loadConfig(path: string, options: LoadOptions): Config {
  const absolute = resolve(options.cwd ?? process.cwd(), path);
  return parseConfig(readBytes(absolute, path), { ...options, file: path, baseDir: dirname(absolute) });
}

export interface ParseOptions {
  /** Name of the text in messages. */
  readonly file: string;
  /** Base directory of paths in the text. */
  readonly baseDir?: string;
  readonly checkSecrets?: boolean;
  readonly env?: SecretSource['env'];
  readonly readFile?: ReadFile;
}

/** @throws SoakError as {@link loadConfig} does */
export function parseConfig(content: string | Uint8Array, options: ParseOptions): Config {
  const { file, baseDir = process.cwd(), readFile = (path) => readFileSync(path) } = options;
  const decoded = decode(typeof content === 'string' ? Buffer.from(content) : content, file);
  const source = typeof decoded === 'string' ? readSource(decoded, file) : decoded;
  if (!source.whole) throw errorOf(source.problems, source.origin);
  const decoder = new TextDecoder();
  const secrets: SecretSource = {
    ...processSecrets(baseDir, options.env),
    readFile: (path) => decoder.decode(readFile(path)),
  };
  const checked = check(
    source.data,
    { baseDir, readFile, secrets: options.checkSecrets === true ? secrets : undefined },
    source.problems,
  );
  if ('problems' in checked) throw errorOf(checked.problems, source.origin);
  return checked.config;
}

/** Reads at most one byte more than is allowed, since a pipe or a device may never end. */
export function readBytes(absolute: string, shown: string): Uint8Array {
  let fd: number | undefined;
  try {
    fd = openSync(absolute, 'r');
    const buffer = Buffer.alloc(MAX_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const read = readSync(fd, buffer, length, buffer.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.subarray(0, length);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const [found, advice] =
      code === 'ENOENT'
        ? ['no such file', 'give the path of one']
        : code === 'EISDIR'
          ? ['a directory', 'name the file in it']
          : [`a file that cannot be read (${code ?? 'unknown reason'})`, 'check its permissions'];
    const line = `${shown}:1:1: found ${found}, expected a configuration file; ${advice}`;
    throw new SoakError('CONFIG_UNREADABLE', line, [line], error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
