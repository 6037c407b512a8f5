import { z } from 'zod';
import { list as enumerate, isMapping, quote } from '../describe.ts';
import { adviseName } from '../nearest.ts';

/** What a check says of a value: what it should be, and what to do. */
export interface Complaint {
  readonly expected: string;
  readonly advice: string;
  /** Absent: the value itself, described. */
  readonly found?: string;
  /** Below the value that is being checked. */
  readonly path?: readonly (string | number)[];
  readonly at?: 'key' | 'value';
  readonly kind?: 'secret' | 'allow';
}

/** Zod carries one text per issue, so what was expected and the advice travel in it, parted by a newline. */
export const messageOf = (expected: string, advice: string): string => `${expected}\n${advice}`;

type Context = { addIssue(issue: z.core.$ZodRawIssue | string): void };

export function complain(ctx: unknown, complaint: Complaint): void {
  const { expected, advice, path = [], ...params } = complaint;
  (ctx as Context).addIssue({
    code: 'custom',
    path: [...path],
    message: messageOf(expected, advice),
    params,
    input: undefined,
  });
}

export class Fault {
  readonly complaint: Complaint;
  constructor(expected: string, advice: string, found?: string, path: Complaint['path'] = []) {
    this.complaint = found === undefined ? { expected, advice, path } : { expected, advice, found, path };
  }

  /** The same fault, of a value at this path below what is being checked. */
  at(path: NonNullable<Complaint['path']>): Fault {
    const { expected, advice, found } = this.complaint;
    return new Fault(expected, advice, found, path);
  }
}

/** A value that one function reads: it returns what the value means, or what is wrong with it. */
export function scalar<T>(read: (value: unknown) => T | Fault) {
  return z.unknown().transform((value, ctx): T => {
    const result = read(value);
    if (!(result instanceof Fault)) return result;
    complain(ctx, result.complaint);
    return z.NEVER;
  });
}

/**
 * A mapping with known keys only. The strict object of zod lets what follows run in spite of an unknown key;
 * here it ends the check of this mapping, since whoever wrote `ulr` needs no word about a missing `url`.
 */
/** @param shown what a message lists in place of all keys, where they are too many to read */
export function mapping<S extends z.ZodRawShape>(
  shape: S,
  advice = 'write its keys below it',
  shown?: readonly string[],
) {
  const keys = Object.keys(shape).sort();
  const listed = shown ?? keys;
  const object = z.strictObject(shape, {
    error: () =>
      messageOf(`a mapping with ${keys.length === 1 ? 'the key' : 'keys of'} ${listed.join(', ')}`, advice),
  });
  const schema = z.unknown().transform((value, ctx): z.output<typeof object> => {
    const result = object.safeParse(value);
    for (const issue of result.error?.issues ?? []) {
      if (issue.code !== 'unrecognized_keys') continue;
      for (const key of issue.keys) {
        complain(ctx, {
          path: [...(issue.path as (string | number)[]), key],
          at: 'key',
          found: `an unknown key ${quote(key)}`,
          expected: keys.length === 1 ? `only ${keys[0]}` : `one of ${enumerate(listed)}`,
          advice: adviseName(key, keys, 'remove it'),
        });
      }
    }
    return forward(result, value, ctx);
  });
  return Object.assign(schema, { alternatives: [object] });
}

/** A mapping whose keys are names that the user chooses. Keys and values are checked whatever the others are. */
export function dictionary<T>(
  faultOfKey: (name: string) => Fault | undefined,
  value: z.ZodType<T>,
  expected: string,
  advice: string,
) {
  const entries = z.record(z.string(), value, { error: () => messageOf(expected, advice) });
  const schema = z.unknown().transform((written, ctx): Record<string, T> => {
    for (const name of isMapping(written) ? Object.keys(written) : []) {
      const fault = faultOfKey(name);
      if (fault !== undefined) complain(ctx, { ...fault.complaint, path: [name], at: 'key' });
    }
    return forward(entries.safeParse(written), written, ctx);
  });
  return Object.assign(schema, { alternatives: [entries] });
}

/** Takes over what an inner schema says, but for unknown keys, which `mapping` has told. */
function forward<T>(
  result: z.ZodSafeParseResult<T>,
  input: unknown,
  ctx: { issues: z.core.$ZodRawIssue[] },
): T {
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    if (issue.code !== 'unrecognized_keys') ctx.issues.push({ ...issue, input } as z.core.$ZodRawIssue);
  }
  return z.NEVER;
}

export function list<S extends z.ZodType>(
  element: S,
  min: number,
  max: number,
  what: string,
  advice: string,
) {
  const most = max.toLocaleString('en');
  const range = min === 0 ? `at most ${most}` : min === max ? most : `${min} to ${most}`;
  const text = messageOf(`a list of ${range} ${what}`, advice);
  return z
    .array(element, { error: () => text })
    .min(min, { error: text })
    .max(max, { error: text });
}

/**
 * One of several schemas, chosen by looking at the value, so that the errors are those of the schema that
 * was meant (a union can only say that nothing fitted).
 *
 * Here as above `alternatives` lets a reader of the schema see what is inside; `refine` would make a copy
 * without them, so checks on top of these schemas are transforms.
 */
export function choose<T>(
  alternatives: readonly z.ZodType<T>[],
  select: (value: unknown) => z.ZodType<T> | Fault,
) {
  const schema = z.unknown().transform((value, ctx): T => {
    const chosen = select(value);
    if (chosen instanceof Fault) {
      complain(ctx, chosen.complaint);
      return z.NEVER;
    }
    return forward(chosen.safeParse(value), value, ctx);
  });
  return Object.assign(schema, { alternatives });
}
