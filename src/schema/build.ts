import { z } from 'zod';

/**
 * Builders of what soakd emits as JSON: `z.infer` makes the type of a schema, and {@link jsonSchema} its JSON Schema.
 * Descriptions say units and ranges; times are ISO 8601 in UTC with milliseconds.
 */
export const text = (description: string) => z.string().describe(description);
export const textOrNull = (description: string) => z.string().nullable().describe(description);
export const oneOf = <const T extends readonly [string, ...string[]]>(values: T, description: string) =>
  z.enum(values).describe(description);
export const flag = (description: string) => z.boolean().describe(description);
export const count = (description: string) => z.int().min(0).describe(description);
export const number = (description: string) => z.number().describe(description);
export const numberOrNull = (description: string) => z.number().nullable().describe(description);
export const ratioOrNull = (description: string) => z.number().min(0).max(1).nullable().describe(description);
export const time = (description: string) => z.string().meta({ format: 'date-time', description });
export const timeOrNull = (description: string) =>
  z.string().meta({ format: 'date-time' }).nullable().describe(description);
export const orNull = <T extends z.ZodType>(schema: T, description: string) =>
  schema.nullable().describe(description);
export const list = <T extends z.ZodType>(items: T, description: string) =>
  z.array(items).readonly().describe(description);
export const object = <T extends z.ZodRawShape>(description: string, keys: T) =>
  z.object(keys).readonly().describe(description);
/** An object that the JSON Schema does not describe further. */
export const opaque = <T>(description: string) => z.custom<T>().meta({ type: 'object', description });
export const opaqueOrNull = <T>(description: string) =>
  z.custom<T | null>().meta({ type: ['object', 'null'], description });

/** An object with the same value for each of some names. */
export const record = <K extends string, T extends z.ZodType>(
  keys: readonly K[],
  description: string,
  value: T,
) => object(description, Object.fromEntries(keys.map((key) => [key, value])) as Record<K, T>);

/** An object with a schema of its own, which others refer to. */
export const named = <T extends z.ZodRawShape>(
  id: string,
  description: string,
  keys: T,
  example?: z.input<z.ZodReadonly<z.ZodObject<T>>>,
) =>
  z
    .object(keys)
    .readonly()
    .meta({ id, description, ...(example && { examples: [example] }) });

/** A key that every summary of this version has, and those of older versions lack. */
export const newer = <T extends z.ZodType>(schema: T) => schema as unknown as z.ZodOptional<T>;

/** Returns the JSON Schema of what is emitted, with its named objects as definitions. */
export function jsonSchema(
  schema: z.ZodType,
  target: 'draft-7' | 'draft-2020-12',
): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(schema, {
    target,
    // As an input an object may have more keys: later versions add some.
    io: 'input',
    unrepresentable: 'any',
    override({ jsonSchema: json }) {
      delete json.readOnly;
      // Of a count, that it is at most what a number can hold says nothing.
      if (json.minimum === 0 && json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
      // A pair: the drafts write it in two ways, and OpenAPI 3.1 knows only one of them.
      const parts = json.prefixItems ?? (Array.isArray(json.items) ? json.items : undefined);
      if (parts !== undefined) {
        const kinds = [...new Map(parts.map((part) => [JSON.stringify(part), part])).values()];
        const [only] = kinds;
        delete json.prefixItems;
        delete json.additionalItems;
        Object.assign(json, {
          items: kinds.length === 1 ? only : { anyOf: kinds },
          minItems: parts.length,
          maxItems: parts.length,
        });
      }
      const { anyOf } = json;
      if (anyOf === undefined) return;
      const [value, none] = anyOf;
      const isNullable = anyOf.length === 2 && none?.type === 'null';
      if (isNullable && typeof value?.type === 'string' && value.type !== 'object') {
        const { type, enum: names } = value;
        Object.assign(json, value, { type: [type, 'null'], description: json.description });
        if (names !== undefined) json.enum = [...names, null];
        delete json.anyOf;
      } else if (isNullable || anyOf.some((one) => one.type === 'object')) {
        json.oneOf = anyOf;
        delete json.anyOf;
      }
    },
  });
}
