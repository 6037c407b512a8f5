import { decode } from './sse-parser.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns the object that some bytes of JSON hold, or `undefined` where they hold none */
export function parseObject(bytes: Uint8Array, start: number, end: number): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(decode(bytes, start, end));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the value at a path of keys and indexes, of what the JSON itself holds */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as JsonObject)[key];
  }
  return at;
}

/** Notes what a `usage` object says of tokens; the APIs name them in two ways. */
export function noteUsage(usage: unknown, tally: { inputTokens?: number; outputTokens?: number }): void {
  if (!isObject(usage)) return;
  const input = usage.input_tokens ?? usage.prompt_tokens;
  const output = usage.output_tokens ?? usage.completion_tokens;
  if (typeof input === 'number') tally.inputTokens = input;
  if (typeof output === 'number') tally.outputTokens = output;
}

/** The type or code of an API error: a word for the log, never its message, which may quote the prompt. */
export function errorName(error: unknown): string {
  if (!isObject(error)) return '(no type)';
  const name = error.type ?? error.code;
  return typeof name === 'string' || typeof name === 'number' ? String(name).slice(0, 60) : '(no type)';
}
