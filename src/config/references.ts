import { mayReferInConnectOptions } from './connect-places.ts';
import type { Path, Problem } from './problem.ts';
import { Fault } from './schema/combinators.ts';
import { parsePlainText } from './schema/secret-text.ts';

/** Returns whether a path may hold references (header values, bodies, tokens); its own schema resolves them. */
const mayRefer = (path: Path): boolean =>
  (path[0] === 'targets' && ((path[2] === 'headers' && path.length === 4) || path[2] === 'body')) ||
  (path[0] === 'serve' && path[1] === 'tokens' && path[3] === 'token' && path.length === 4);

/**
 * Unescapes `$${` in all other texts and reports references in them as problems. One rule for all keys, so that no key
 * can forget it.
 */
export function withoutReferences(data: unknown): {
  readonly data: unknown;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const walk = (value: unknown, path: Path): unknown => {
    if (mayRefer(path) || mayReferInConnectOptions(path, value)) return value;
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, i]));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key])]),
      );
    }
    if (typeof value !== 'string') return value;
    const plain = parsePlainText(value);
    if (!(plain instanceof Fault)) return plain;
    const { found = '', expected, advice } = plain.schemaIssue;
    problems.push({ kind: 'invalid', path, at: 'value', found, expected, advice });
    return value;
  };
  return { data: walk(data, []), problems };
}
