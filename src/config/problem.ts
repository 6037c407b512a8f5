import { SoakError } from '../core/errors.ts';

export type Path = readonly (string | number)[];

/** Issue of a configuration, in the three parts of every message: found, expected, advice. */
export interface Problem {
  /** `secret` and `allow` have their own error codes if there are no other problems. */
  readonly kind: 'invalid' | 'secret' | 'allow';
  readonly path: Path;
  /** Place to point at: the value, or the key if the key itself is wrong. */
  readonly at: 'value' | 'key';
  readonly found: string;
  readonly expected: string;
  readonly advice: string;
  /** Parts that read differently where the value came from a flag. */
  readonly byFlag?: ByFlag;
}

export type ByFlag = Partial<Pick<Problem, 'found' | 'expected' | 'advice'>>;

/** Returns a problem of a value. */
export function problem(
  path: Path,
  found: string,
  expected: string,
  advice: string,
  kind: Problem['kind'] = 'invalid',
  byFlag?: ByFlag,
): Problem {
  return { kind, path, at: 'value', found, expected, advice, byFlag };
}

/** Origin of a configuration: a file with lines, or the flags of a command. */
export interface Origin {
  /** Returns the label of a place in messages, and its sort order. */
  place(path: Path, at: 'value' | 'key'): { readonly label: string; readonly order: number };
  /** Whether the values came from flags. */
  readonly hasFlags?: true;
}

const MAX_LINES = 100;

/** Returns one line for each problem, in the order of their places. */
export function linesOf(problems: readonly Problem[], origin: Origin): string[] {
  const placed = problems.map((problem) => {
    const { found, expected, advice } =
      origin.hasFlags === true ? { ...problem, ...problem.byFlag } : problem;
    const { label, order } = origin.place(problem.path, problem.at);
    return { order, line: `${label}: found ${found}, expected ${expected}; ${advice}` };
  });
  const lines = placed.sort((a, b) => a.order - b.order).map((p) => p.line);
  const rest = lines.length - MAX_LINES;
  return rest > 0 ? [...lines.slice(0, MAX_LINES), `… and ${rest} more`] : lines;
}

/** @param problems at least one */
export function errorOf(problems: readonly Problem[], origin: Origin): SoakError {
  const lines = linesOf(problems, origin);
  const only = (kind: Problem['kind']): boolean => problems.every((p) => p.kind === kind);
  const code = only('secret') ? 'SECRET_MISSING' : only('allow') ? 'TARGET_NOT_ALLOWED' : 'CONFIG_INVALID';
  return new SoakError(code, lines[0]!, lines);
}

/**
 * Keeps only the first problem of each place. Later checks examine the same value more closely and would only repeat
 * the first problem.
 */
export function firstOfEachPlace(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path }) => {
    const place = JSON.stringify(path);
    return !seen.has(place) && seen.add(place);
  });
}
