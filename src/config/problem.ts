import { SoakError } from '../core/errors.ts';

export type Path = readonly (string | number)[];

/** One thing wrong with a configuration, told in the three parts that every message has. */
export interface Problem {
  /** `secret` and `allow` have an error code of their own when nothing else is wrong. */
  readonly kind: 'invalid' | 'secret' | 'allow';
  readonly path: Path;
  /** What to point at: the value, or the key (when that is what is wrong). */
  readonly at: 'value' | 'key';
  readonly found: string;
  readonly expected: string;
  readonly advice: string;
}

/** @returns what is wrong with a value */
export function problem(
  path: Path,
  found: string,
  expected: string,
  advice: string,
  kind: Problem['kind'] = 'invalid',
): Problem {
  return { kind, path, at: 'value', found, expected, advice };
}

/** Where a configuration came from: a file with lines, or the flags of a command. */
export interface Origin {
  /** @returns how the place is called in a message, and where it sorts among the others */
  place(path: Path, at: 'value' | 'key'): { readonly label: string; readonly order: number };
  /** Puts an advice in terms of this origin. */
  reword?(problem: Problem): Problem;
}

const MAX_LINES = 100;

/** @returns one line for each problem, in the order of their places */
export function linesOf(problems: readonly Problem[], origin: Origin): string[] {
  const placed = problems.map((problem) => {
    const { found, expected, advice } = origin.reword?.(problem) ?? problem;
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
 * One problem to a place: the first that was found there. Later checks look at the same value with
 * narrower questions, and their answers would only repeat the first.
 */
export function firstOfEachPlace(problems: readonly Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems.filter(({ path }) => {
    const place = JSON.stringify(path);
    return !seen.has(place) && seen.add(place);
  });
}
