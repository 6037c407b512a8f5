import { dirname, resolve } from 'node:path';
import { SoakError } from '../core/errors.ts';
import type { Config } from '../core/scenario.ts';
import { check } from './check.ts';
import { errorOf } from './problem.ts';
import type { ReadFile } from './prompts.ts';
import { IrregularFileError, readRegularFile, readSmallText } from './regular-file.ts';
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
  const { file, baseDir = process.cwd(), readFile = readRegularFile } = options;
  const decoded = decode(typeof content === 'string' ? Buffer.from(content) : content, file);
  const source = typeof decoded === 'string' ? readSource(decoded, file) : decoded;
  if (!source.whole) throw errorOf(source.problems, source.origin);
  const secrets: SecretSource = {
    ...processSecrets(baseDir, options.env),
    readFile: (path) => readSmallText(path, readFile),
  };
  const checked = check(
    source.data,
    { baseDir, readFile, secrets: options.checkSecrets === true ? secrets : undefined },
    source.problems,
  );
  if ('problems' in checked) throw errorOf(checked.problems, source.origin);
  return checked.config;
}

/** Reads a regular file, at most one byte more than is allowed. @throws SoakError CONFIG_UNREADABLE */
export function readBytes(absolute: string, shown: string): Uint8Array {
  try {
    return readRegularFile(absolute, MAX_BYTES);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const [found, advice] =
      code === 'ENOENT'
        ? ['no such file', 'give the path of one']
        : error instanceof IrregularFileError
          ? [error.kind, error.kind === 'a directory' ? 'name the file in it' : 'copy it to a regular file']
          : [`a file that cannot be read (${code ?? 'unknown reason'})`, 'check its permissions'];
    const line = `${shown}:1:1: found ${found}, expected a configuration file; ${advice}`;
    throw new SoakError('CONFIG_UNREADABLE', line, [line], error);
  }
}
