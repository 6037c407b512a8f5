import type { z } from 'zod';
import { describe, valueAt } from './describe.ts';
import type { Problem } from './problem.ts';

interface Params {
  readonly found?: string;
  readonly at?: 'key' | 'value';
  readonly kind?: Problem['kind'];
}

/**
 * Turns issues of zod into problems.
 * @param data the checked data
 */
export function problemsOf(issues: readonly z.core.$ZodIssue[], data: unknown): Problem[] {
  return issues.map((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
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
      // For a missing key, the advice is to add the key.
      advice: missing && !advice.startsWith('add ') ? `add ${String(path.at(-1) ?? 'it')}:` : advice,
    };
  });
}
