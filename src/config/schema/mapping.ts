import { z } from 'zod';
import { list as enumerate, isMapping, quote } from '../describe.ts';
import { adviseName, nearest } from '../nearest.ts';
import { addIssue, forward, messageOf, type SchemaIssue } from './combinators.ts';

/**
 * Checks what keys of one mapping demand of each other. It runs whatever else is wrong: at the first key that it reads
 * and that is wrong in itself it ends, so one check reads only keys that belong together.
 * @param written the mapping as it stands in the file, misspelled keys under the names that were probably meant: for what
 * can be seen in a value that is wrong
 */
export type Check<T> = (given: T, ctx: unknown, written: Readonly<Record<string, unknown>>) => void;

export interface MappingOptions<T> {
  /** What to do where the value is no mapping. */
  readonly advice?: string;
  /** What a message lists in place of all keys, where they are too many to read. */
  readonly shown?: readonly string[];
  readonly checks?: readonly Check<T>[];
  /** What to say of an unknown key, in place of the usual; `undefined`: the usual. */
  readonly unknown?: (key: string) => Pick<SchemaIssue, 'found' | 'expected' | 'advice'> | undefined;
}

/** What ends a check that reads a key that is wrong. */
class Unreadable extends Error {}

/**
 * A mapping with known keys only.
 * @param options what else is known of it, or only the advice
 */
export function mapping<S extends z.ZodRawShape>(
  shape: S,
  options: MappingOptions<z.output<z.ZodObject<S>>> | string = {},
) {
  const {
    advice = 'write its keys below it',
    shown,
    checks = [],
    unknown = () => undefined,
  } = typeof options === 'string' ? { advice: options } : options;
  const keys = Object.keys(shape).sort();
  const listed = shown ?? keys;
  const object = z.strictObject(shape, {
    error: () =>
      messageOf(`a mapping with ${keys.length === 1 ? 'the key' : 'keys of'} ${listed.join(', ')}`, advice),
  });
  const schema = z.unknown().transform((value, ctx): z.output<typeof object> => {
    const result = object.safeParse(value);
    const strays: string[] = [];
    for (const issue of result.error?.issues ?? []) {
      if (issue.code !== 'unrecognized_keys') continue;
      for (const key of issue.keys) {
        if (issue.path.length === 0) strays.push(key);
        addIssue(ctx, {
          path: [...(issue.path as (string | number)[]), key],
          at: 'key',
          ...(unknown(key) ?? {
            found: `an unknown key ${quote(key)}`,
            expected:
              keys.length === 1
                ? `only ${keys[0]}`
                : `one of ${shown === undefined ? enumerate(keys) : shown.join(', ')}`,
            advice: adviseName(key, keys, 'remove it'),
          }),
        });
      }
    }
    if (isMapping(value)) {
      const given = result.success ? result.data : readable(shape, value, strays);
      const meant = strays.map((key) => [nearest(key, keys) ?? key, value[key]]);
      // What stands under a misspelled name is there all the same.
      const written = { ...Object.fromEntries(meant), ...value };
      for (const check of checks) run(check, given as z.output<z.ZodObject<S>>, ctx, written);
    }
    return forward(result, value, ctx);
  });
  return Object.assign(schema, { alternatives: [object], shape });
}

function run<T>(check: Check<T>, given: T, ctx: unknown, written: Record<string, unknown>): void {
  try {
    check(given, ctx, written);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
}

/**
 * The keys that are right in themselves. One for which an unknown key was probably meant counts as wrong: anyone who
 * wrote `ulr` needs no word about a missing `url`.
 */
function readable(shape: z.ZodRawShape, value: Record<string, unknown>, strays: readonly string[]): unknown {
  const meant = new Set(strays.map((key) => nearest(key, Object.keys(shape))));
  const read = validKeys(shape, value);
  return new Proxy(read, {
    get(known, key) {
      if (typeof key !== 'string' || !Object.hasOwn(known, key) || meant.has(key)) throw new Unreadable();
      return known[key];
    },
    ownKeys() {
      throw new Unreadable();
    },
  });
}

/** @returns the values of the keys that are right in themselves, with their defaults, whatever the others are */
export function validKeys<S extends z.ZodRawShape>(
  shape: S,
  value: unknown,
): Partial<z.output<z.ZodObject<S>>> {
  const read: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const written = isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    const result = (schema as z.ZodType).safeParse(written);
    if (result.success) read[key] = result.data;
  }
  return read as Partial<z.output<z.ZodObject<S>>>;
}
