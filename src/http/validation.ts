import { SoakError } from '../core/errors.ts';

/** Used part of a verbose ajv error. */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer to the value. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
  readonly parentSchema?: InputSchema;
}

/** Request schema. `description` names what is expected, for the documentation and for errors. */
interface InputSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, InputSchema>>;
}

const MAX_LINES = 20;
const MAX_TEXT = 60;

/** Returns a USAGE error with a line for each mistake. @param part of the request: `body`, `query` */
export function requestError(errors: readonly SchemaError[], part: string): SoakError {
  // Skips errors of single alternatives, and all others of a value with the wrong type: they say less than the rest.
  const wrongType = new Set(errors.filter((e) => e.keyword === 'type').map((e) => e.instancePath));
  const described = errors.filter(
    ({ keyword, instancePath, schemaPath }) =>
      !/\/oneOf\/\d/.test(schemaPath) && (keyword === 'type' || !wrongType.has(instancePath)),
  );
  // A value can violate several keywords of its schema, which have one line.
  const all = [...new Set(described.map((error) => lineOf(error, part)))];
  const lines = all.slice(0, MAX_LINES);
  if (all.length > lines.length) lines.push(`… and ${all.length - lines.length} more`);
  return new SoakError('USAGE', lines[0]!, lines);
}

function lineOf(
  { keyword, instancePath, params, data, parentSchema = {} }: SchemaError,
  part: string,
): string {
  const where = [part, ...instancePath.split('/').slice(1).map(unescapePointer)].join('.');
  const known = Object.keys(parentSchema.properties ?? {});
  if (keyword === 'additionalProperties') {
    const key = String(params.additionalProperty);
    const expected = known.length === 1 ? `only ${known[0]}` : `one of ${known.join(', ')}`;
    return `${where}: found an unknown key ${quote(key)}, expected ${known.length === 0 ? 'none' : expected}`;
  }
  if (keyword === 'required') {
    const key = String(params.missingProperty);
    return `${where}.${key}: found nothing, expected ${parentSchema.properties?.[key]?.description ?? 'a value'}`;
  }
  const found = keyword === 'oneOf' ? keysText(data) : describe(data);
  return `${where}: found ${found}, expected ${parentSchema.description ?? 'another value'}`;
}

function keysText(data: unknown): string {
  const keys = Object.keys(data ?? {}).slice(0, 5);
  return keys.length === 0 ? 'no key' : keys.map((key) => quote(key)).join(' and ');
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `${quote(value)} (a string)` : `${String(value)} (a ${typeof value})`;
}

/** Quotes a text on one line, truncated and without control characters. */
function quote(text: string): string {
  const cut = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT).toWellFormed()}…` : text;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}
