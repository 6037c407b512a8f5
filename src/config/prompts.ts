import { quote } from './describe.ts';
import { MAX_FILE_BYTES, refusalOf } from './regular-file.ts';

/** Reads a file whole, at most one byte more than the maximum; throws as `node:fs` does. */
export type ReadFile = (path: string, maxBytes?: number) => Uint8Array;

export interface PromptFault {
  readonly found: string;
  readonly expected: string;
  readonly advice: string;
}

/**
 * Returns the prompts of a file; messages never quote its content.
 * @param shown the path as the user wrote it
 */
export function readPrompts(path: string, shown: string, readFile: ReadFile): string[] | PromptFault {
  const fault = (what: string, expected: string, advice: string): PromptFault => ({
    found: `${quote(shown)}, ${what}`,
    expected,
    advice,
  });
  let text: string;
  try {
    const bytes = readFile(path);
    if (bytes.length > MAX_FILE_BYTES)
      return fault('which is larger than 64 MiB', 'a file of at most 64 MiB', 'shorten it');
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return fault('which is not UTF-8', 'text in UTF-8', 'save the file as UTF-8');
    const why =
      code === 'ENOENT'
        ? 'which does not exist'
        : (refusalOf(error) ?? `which cannot be read (${code ?? 'unknown reason'})`);
    return fault(
      why,
      'a file of prompts that can be read',
      'fix the path, which is relative to the configuration file',
    );
  }
  const prompts: string[] = [];
  if (/\.json$/i.test(path)) {
    const all = parse(text);
    if (!Array.isArray(all))
      return fault('which is not a JSON array', 'a JSON array of strings', 'write ["…", "…"]');
    for (const [i, item] of all.entries()) {
      if (!isPrompt(item))
        return fault(`whose item ${i} is not a string`, 'a JSON array of strings', 'put it in quotes');
      prompts.push(item);
    }
  } else {
    const asJson = /\.jsonl$/i.test(path);
    for (const [i, line] of text.split(/\r?\n/).entries()) {
      if (line.trim() === '') continue;
      const item = asJson ? parse(line) : line;
      if (!isPrompt(item))
        return fault(
          `whose line ${i + 1} is not a JSON text`,
          'one JSON text a line',
          'write "…" on each line',
        );
      prompts.push(item);
    }
  }
  return prompts.length > 0 ? prompts : fault('which holds no prompt', 'at least one prompt', 'write one');
}

const isPrompt = (value: unknown): value is string => typeof value === 'string' && value !== '';

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
