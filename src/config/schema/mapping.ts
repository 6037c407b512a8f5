import { z } from 'zod';
import { list as enumerate, isMapping, quote } from '../describe.ts';
import { adviseName, nearest } from '../nearest.ts';
import { addIssue, forward, messageOf, type SchemaIssue } from './combinators.ts';

/**
 * Checks keys of one mapping against each other. Runs regardless of other issues, but ends at the first invalid key that
 * it reads, so a check must read only keys that belong together.
 * @param written the mapping as in the file, with misspelled keys under the closest known names, for checks of invalid
 * values
 */
export type Check<T> = (given: T, ctx: unknown, written: Readonly<Record<string, unknown>>) => void;

export interface MappingOptions<T> {
  /** Advice for a value that is not a mapping. */
  readonly advice?: string;
  /** Keys that messages list if there are too many to list all. */
  readonly shown?: readonly string[];
  readonly checks?: readonly Check<T>[];
  /** Returns the issue of an unknown key; `undefined`: the default issue. */
  readonly unknown?: (key: string) => Pick<SchemaIssue, 'found' | 'expected' | 'advice'> | undefined;
}

/** Thrown when a check reads an invalid key; ends the check. */
class Unreadable extends Error {}

/**
 * Schema of a mapping with known keys only.
 * @param options further options, or only the advice
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
      // A value under a misspelled name counts as present.
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
 * Returns the valid keys. A key that an unknown key probably meant counts as invalid: for `ulr`, a message about a
 * missing `url` would be noise.
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

/** Returns the values of all valid keys with their defaults, regardless of invalid keys. */
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
