import type { ComparedRun, RunSource } from '../compare/run.ts';
import { readRegularFile } from '../config/regular-file.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { Summary } from '../schema/summary.ts';

/** Largest file of a summary: that of a run with 50 targets and 100 levels is below 50 MiB. */
const MAX_BYTES = 256 * 2 ** 20;

/** Returns whether a reference names a file rather than a run of the history. */
export function isFile(reference: string): boolean {
  return /[/\\]|\.json$/.test(reference);
}

/** Finds runs in files of `soakd run --json`: the summary is their last line. They have no windows. */
export const runFiles: RunSource = {
  find(reference: string): ComparedRun {
    return runInText(reference, fileText(reference));
  },
};

/** Returns the run in the text of a file. @throws SoakError USAGE */
export function runInText(file: string, text: string): ComparedRun {
  return { id: file, summary: summaryOf(file, text), recording: null };
}

/** Returns the text of a file with a run or a table. @throws SoakError USAGE */
export function fileText(file: string): string {
  try {
    const bytes = readRegularFile(file, MAX_BYTES);
    if (bytes.length > MAX_BYTES)
      throw new SoakError(
        'USAGE',
        `${file} has more than ${MAX_BYTES} bytes, expected the output of soakd run --json`,
      );
    return new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof SoakError) throw error;
    throw new SoakError('USAGE', `cannot read ${file}: ${messageOf(error)}`, [], error);
  }
}

function summaryOf(file: string, text: string): Summary {
  const value = parsed(text.trim()) ?? parsed(text.trimEnd().split('\n').at(-1)!);
  if (!isObject(value) || !('schema' in value))
    throw new SoakError('USAGE', `${file} holds no summary, expected the output of soakd run --json`);
  if (value.schema !== 2)
    throw new SoakError(
      'USAGE',
      `${file} has a summary of schema ${JSON.stringify(value.schema)}, expected schema 2`,
    );
  const missing = ['run', 'setup', 'targets', 'levels', 'thresholds', 'loadDelivered'].filter(
    (key) => !isObject(value[key]),
  );
  if (missing.length > 0)
    throw new SoakError(
      'USAGE',
      `the summary in ${file} has no ${missing.join(', ')}, expected the output of soakd run --json`,
    );
  return value as unknown as Summary;
}

/** Returns JSON; `undefined` for a text that is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
