import type { Path } from './problem.ts';

const MAX_TEXT = 60;
const MAX_STEPS = 12;

/** Returns whether a value is a YAML mapping, not a list or scalar. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the value at a path, or `undefined` if the path does not exist. */
export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Quotes a text on one line, truncated and without control characters. */
export function quote(text: string): string {
  const cut = [...text].length > MAX_TEXT ? `${[...text].slice(0, MAX_TEXT).join('')}…` : text;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

/** Returns whether a path may hold a secret (headers, bodies, tokens, URLs), so that messages show only the kind of value. */
export function isPrivate(path: Path): boolean {
  if (path[0] === 'serve') return path[1] === 'tokens' && (path.length < 4 || path[3] === 'token');
  if (path[0] !== 'targets') return false;
  // The refresh settings of a token are no secret.
  if (path[2] === 'auth') return path[3] !== 'bearer' || path.length === 4;
  if (path[2] === 'tls') return path[3] === 'passphrase';
  return ['headers', 'body', 'url', 'proxy'].includes(String(path[2]));
}

/** Describes a value for a message: `"30"`, `30 (a number)`, `a mapping`. */
export function describe(value: unknown, path: Path): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'nothing (null)';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty mapping' : 'a mapping';
  if (isPrivate(path)) return typeof value === 'string' ? 'a string' : `a ${typeof value}`;
  if (typeof value === 'string') return quote(value);
  return `${String(value)} (a ${typeof value})`;
}

/** Formats a path as `targets[0].timeouts.ttfb`; keys that are not a word appear in brackets and quotes. */
export function pathText(path: Path): string {
  let text = '';
  for (const [i, step] of path.entries()) {
    if (i === MAX_STEPS) return `${text}…`;
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[A-Za-z0-9_-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    // A whole header line in place of a header name must not appear in the log.
    else if (isPrivate(path) && i > 2) text += '["…"]';
    else text += `[${quote(step)}]`;
  }
  return text;
}

/** Lists names, truncated if there are many. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, 30).join(', ');
  return names.length > 30 ? `${shown}, …` : shown;
}
