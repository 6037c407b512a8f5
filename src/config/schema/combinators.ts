import { z } from 'zod';

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
  constructor(expected: string, advice: string, found?: string, path: readonly string[] = []) {
    this.complaint = found === undefined ? { expected, advice, path } : { expected, advice, found, path };
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

/** A mapping with known keys only. */
export function mapping<S extends z.ZodRawShape>(shape: S, advice = 'write its keys below it') {
  const keys = Object.keys(shape).sort();
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? keys.join('\n')
        : messageOf(`a mapping with ${keys.length === 1 ? 'the key' : 'keys of'} ${keys.join(', ')}`, advice),
  });
}

/** A mapping whose keys are names that the user chooses. */
export function dictionary<T>(
  key: (name: string) => Fault | undefined,
  value: z.ZodType<T>,
  expected: string,
  advice: string,
) {
  const entries = z.record(z.string(), value, { error: () => messageOf(expected, advice) });
  return entries.superRefine((record, ctx) => {
    for (const name of Object.keys(record)) {
      const fault = key(name);
      if (fault !== undefined) complain(ctx, { ...fault.complaint, path: [name], at: 'key' });
    }
  });
}

export function list<S extends z.ZodType>(
  element: S,
  min: number,
  max: number,
  what: string,
  advice: string,
) {
  const range = min === 0 ? `at most ${max.toLocaleString('en')}` : `${min} to ${max.toLocaleString('en')}`;
  const text = messageOf(`a list of ${range} ${what}`, advice);
  return z
    .array(element, { error: () => text })
    .min(min, { error: text })
    .max(max, { error: text });
}

/**
 * One of several schemas, chosen by looking at the value, so that the errors are those of the schema that
 * was meant (a union can only say that nothing fitted). `alternatives` lets a reader of the schema go on.
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
    const result = chosen.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues)
      ctx.issues.push({ ...issue, input: value } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
  return Object.assign(schema, { alternatives });
}
