import { z } from 'zod';
import { formatCount } from '../../core/number.ts';
import { isMapping } from '../describe.ts';

/** Issue of a value: what is expected and how to fix it. */
export interface SchemaIssue {
  readonly expected: string;
  readonly advice: string;
  /** Value found; absent: a description of the value itself. */
  readonly found?: string;
  /** Path below the checked value. */
  readonly path?: readonly (string | number)[];
  readonly at?: 'key' | 'value';
  readonly kind?: 'secret' | 'allow';
}

/** Joins expected value and advice with a newline, since zod carries one text per issue. */
export const messageOf = (expected: string, advice: string): string => `${expected}\n${advice}`;

type Context = { addIssue(issue: z.core.$ZodRawIssue | string): void };

export function addIssue(ctx: unknown, schemaIssue: SchemaIssue): void {
  const { expected, advice, path = [], ...params } = schemaIssue;
  (ctx as Context).addIssue({
    code: 'custom',
    path: [...path],
    message: messageOf(expected, advice),
    params,
    input: undefined,
  });
}

export class Fault {
  readonly schemaIssue: SchemaIssue;
  constructor(expected: string, advice: string, found?: string, path: SchemaIssue['path'] = []) {
    this.schemaIssue = found === undefined ? { expected, advice, path } : { expected, advice, found, path };
  }

  /** Returns the same fault for a value (or its key) at a path below the checked value. */
  at(path: NonNullable<SchemaIssue['path']>, at: 'key' | 'value' = 'value'): Fault {
    const { expected, advice, found } = this.schemaIssue;
    const fault = new Fault(expected, advice, found, path);
    return at === 'value' ? fault : Object.assign(fault, { schemaIssue: { ...fault.schemaIssue, at } });
  }
}

/** Several faults at different paths below one value. */
export class Faults {
  readonly all: readonly Fault[];
  constructor(all: readonly Fault[]) {
    this.all = all;
  }
}

/** Schema of a value that one function reads; the function returns the result or all faults. */
export function scalar<T>(read: (value: unknown) => T | Fault | Faults) {
  return z.unknown().transform((value, ctx): T => {
    const result = read(value);
    if (!(result instanceof Fault || result instanceof Faults)) return result;
    for (const fault of result instanceof Faults ? result.all : [result]) addIssue(ctx, fault.schemaIssue);
    return z.NEVER;
  });
}

/** Schema of a mapping with user-chosen keys. Every key and value is checked regardless of the others. */
export function dictionary<T>(
  faultOfKey: (name: string, earlier: readonly string[]) => Fault | undefined,
  value: z.ZodType<T>,
  expected: string,
  advice: string,
) {
  const entries = z.record(z.string(), value, { error: () => messageOf(expected, advice) });
  const schema = z.unknown().transform((written, ctx): Record<string, T> => {
    const names = isMapping(written) ? Object.keys(written) : [];
    for (const [i, name] of names.entries()) {
      const fault = faultOfKey(name, names.slice(0, i));
      if (fault !== undefined) addIssue(ctx, { ...fault.schemaIssue, path: [name], at: 'key' });
    }
    return forward(entries.safeParse(written), written, ctx);
  });
  return Object.assign(schema, { alternatives: [entries] });
}

/** Forwards the issues of an inner schema, except unknown keys, which `mapping` has reported. */
export function forward<T>(
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
  const most = formatCount(max);
  const range = min === 0 ? `at most ${most}` : min === max ? most : `${min} to ${most}`;
  const text = messageOf(`a list of ${range} ${what}`, advice);
  return z
    .array(element, { error: () => text })
    .min(min, { error: text })
    .max(max, { error: text });
}

/**
 * Returns a schema that selects one of several by the value, so that errors come from the schema that was meant (a
 * union could only report that no schema fits).
 *
 * `alternatives` exposes the inner schemas, here as above. `refine` would copy a schema without them, so checks on top
 * of these schemas are transforms.
 */
export function choose<T>(
  alternatives: readonly z.ZodType<T>[],
  select: (value: unknown) => z.ZodType<T> | Fault,
) {
  const schema = z.unknown().transform((value, ctx): T => {
    const chosen = select(value);
    if (chosen instanceof Fault) {
      addIssue(ctx, chosen.schemaIssue);
      return z.NEVER;
    }
    return forward(chosen.safeParse(value), value, ctx);
  });
  return Object.assign(schema, { alternatives });
}
