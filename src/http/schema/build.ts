import type { z } from 'zod';
import { jsonSchema } from '../../schema/build.ts';

/** JSON Schema of the API. */
export type Schema = Readonly<Record<string, unknown>>;

export const text = (description: string): Schema => ({ type: 'string', description });
export const textOrNull = (description: string): Schema => ({ type: ['string', 'null'], description });
export const oneOf = (values: readonly string[], description: string): Schema => ({
  type: 'string',
  enum: values,
  description,
});
export const count = (description: string): Schema => ({ type: 'integer', minimum: 0, description });
export const number = (description: string): Schema => ({ type: 'number', description });
export const numberOrNull = (description: string): Schema => ({ type: ['number', 'null'], description });
/** Calendar time, ISO 8601 in UTC with milliseconds. */
export const time = (description: string): Schema => ({ type: 'string', format: 'date-time', description });
export const list = (items: Schema, description: string): Schema => ({ type: 'array', items, description });
export const ref = (id: string): Schema => ({ $ref: `${id}#` });

/** Returns every name of a union; a missing or unknown name is a type error. */
export const namesOf = <T extends string>(names: Readonly<Record<T, true>>): readonly string[] =>
  Object.keys(names);

/** @param optional keys that may be absent */
export function object(
  description: string,
  properties: Readonly<Record<string, Schema>>,
  optional: readonly string[] = [],
): Schema {
  const required = Object.keys(properties).filter((key) => !optional.includes(key));
  return { type: 'object', description, required, properties };
}

/** Returns the JSON Schema of a value of a summary, without its named objects. */
export const inline = (schema: z.ZodType): Schema => {
  const { $schema: _, $defs: __, ...json } = emitted(schema);
  return json;
};

/** Returns the named objects of what soakd emits. */
export const namedIn = (schema: z.ZodType): readonly Schema[] =>
  Object.entries(emitted(schema).$defs as Readonly<Record<string, object>>).map(([$id, json]) => ({
    ...json,
    $id,
  }));

/** Each named object is a schema of its own, to which the others refer by its id. */
function emitted(schema: z.ZodType): Schema {
  const json = JSON.stringify(jsonSchema(schema, 'draft-2020-12'));
  return JSON.parse(json.replace(/"#\/\$defs\/(\w+)"/g, '"$1#"'));
}
