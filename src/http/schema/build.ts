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
