import type { z } from 'zod';
import { describe, list, quote, valueAt } from './describe.ts';
import { adviseName } from './nearest.ts';
import type { Path, Problem } from './problem.ts';

interface Params {
  readonly found?: string;
  readonly at?: 'key' | 'value';
  readonly kind?: Problem['kind'];
}

/**
 * @param data what was checked
 * @returns what zod found, in our words
 */
export function problemsOf(issues: readonly z.core.$ZodIssue[], data: unknown): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      const known = issue.message.split('\n');
      return issue.keys.map((key) => unknownKey([...path, key], key, known));
    }
    const [expected = '', advice = ''] = issue.message.split('\n');
    const {
      found,
      at = 'value',
      kind = 'invalid',
    } = ((issue.code === 'custom' && issue.params) || {}) as Params;
    const value = valueAt(data, path);
    const missing = value === undefined && found === undefined;
    return {
      kind,
      path,
      at,
      found: found ?? describe(value, path),
      expected,
      // What to write instead is no help to someone who wrote nothing.
      advice: missing && !advice.startsWith('add ') ? `add ${String(path.at(-1) ?? 'it')}:` : advice,
    };
  });
}

function unknownKey(path: Path, key: string, known: readonly string[]): Problem {
  return {
    kind: 'invalid',
    path,
    at: 'key',
    found: `an unknown key ${quote(key)}`,
    expected: known.length === 1 ? `only ${known[0]}` : `one of ${list(known)}`,
    advice: adviseName(key, known, 'remove it'),
  };
}
