import { z } from 'zod';
import { formatCount } from '../../core/number.ts';
import type { ByFlag, Path, Problem } from '../problem.ts';

/** What is wrong with a value: what is expected and how to fix it. */
export class Fault {
  readonly expected: string;
  readonly advice: string;
  /** Absent: a description of the value itself. */
  readonly found: string | undefined;
  /** Below the checked value. */
  readonly path: Path;
  readonly at: Problem['at'];
  /** Parts that read differently where the value came from a flag. */
  readonly byFlag: ByFlag | undefined;

  constructor(
    expected: string,
    advice: string,
    found?: string,
    path: Path = [],
    at: Problem['at'] = 'value',
    byFlag?: ByFlag,
  ) {
    this.expected = expected;
    this.advice = advice;
    this.found = found;
    this.path = path;
    this.at = at;
    this.byFlag = byFlag;
  }

  /** Returns the same fault for a value (or its key) at a path below the checked value. */
  below(path: Path, at: Problem['at'] = 'value'): Fault {
    return new Fault(this.expected, this.advice, this.found, path, at, this.byFlag);
  }
}

/** Several faults at different paths below one value. */
export class Faults {
  readonly all: readonly Fault[];
  constructor(all: readonly Fault[]) {
    this.all = all;
  }
}

/** JSON Schema of what may be written. */
export type Json = Readonly<Record<string, unknown>>;

/** Schema of what a function makes of a valid value, or finds wrong with it. */
export function then<S, T>(schema: z.ZodType<S>, read: (value: S) => T | Fault | Faults): z.ZodType<T> {
  return schema.transform(read as (value: S) => T);
}

/**
 * Schema of a value that one function reads.
 * @param refers whether a text may hold references, which the function resolves
 */
export function scalar<T>(
  read: (value: unknown) => T | Fault | Faults,
  json: Json = {},
  refers = false,
): z.ZodType<T> {
  return then(Object.assign(z.unknown().meta(json), { refers }), read);
}

/** Schema of a mapping with user-chosen keys. Every key and value is checked regardless of the others. */
export function dictionary<T>(
  faultOfKey: (name: string, earlier: readonly string[]) => Fault | undefined,
  value: z.ZodType<T>,
  expected: string,
  advice: string,
) {
  return Object.assign(z.record(z.string(), value), { faultOfKey, wrong: new Fault(expected, advice) });
}

export function list<S extends z.ZodType>(
  element: S,
  min: number,
  max: number,
  what: string,
  advice: string,
) {
  const most = formatCount(max);
  const range = min === 0 ? `at most ${most}` : min === max ? most : `${min} to ${most}`;
  const wrong = new Fault(`a list of ${range} ${what}`, advice);
  return Object.assign(z.array(element).min(min).max(max), { min, max, wrong });
}

/**
 * Returns a schema that selects one of several by the value, so that errors come from the schema that was meant (a
 * union could only report that no schema fits).
 */
export function choose<T>(
  alternatives: readonly z.ZodType<T>[],
  select: (value: unknown) => z.ZodType<T> | Fault,
): z.ZodType<T> {
  return Object.assign(z.union(alternatives as readonly [z.ZodType<T>]), { select });
}

/**
 * Checks keys of one mapping against each other. Runs regardless of other faults, but ends at the first invalid key that
 * it reads, so a check must read only keys that belong together.
 * @param written the mapping as in the file, with misspelled keys under the closest known names, for checks of invalid
 * values
 */
export type Check<T> = (given: T, written: Readonly<Record<string, unknown>>) => Iterable<Fault>;

export interface MappingRules<T> {
  /** Advice for a value that is not a mapping. */
  readonly advice?: string;
  /** Keys that messages list if there are too many to list all. */
  readonly shown?: readonly string[];
  readonly checks?: readonly Check<T>[];
  /** Returns the fault of an unknown key; `undefined`: the default fault. */
  readonly unknown?: (key: string) => Fault | undefined;
}

/**
 * Schema of a mapping with known keys only.
 * @param rules further rules, or only the advice
 */
export function mapping<S extends z.ZodRawShape>(
  shape: S,
  rules: MappingRules<z.output<z.ZodObject<S>>> | string = {},
) {
  return Object.assign(z.strictObject(shape), {
    rules: typeof rules === 'string' ? { advice: rules } : rules,
  });
}
