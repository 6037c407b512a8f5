import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { soakd } from './process.ts';

let validate: Promise<ReturnType<Ajv['compile']>> | undefined;

/** Returns what is wrong with a summary by the schema that `soakd schema summary` prints; keys that it does not list are. */
export async function schemaFaults(summary: unknown): Promise<string[]> {
  validate ??= load();
  const check = await validate;
  check(summary);
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}

async function load(): Promise<ReturnType<Ajv['compile']>> {
  const program = soakd(['schema', 'summary']);
  const { code } = await program.ended(30_000);
  if (code !== 0) throw new Error(program.output);
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
  addFormats.default(ajv);
  return ajv.compile(closed(JSON.parse(program.stdout.text)) as object);
}

/** No object may have keys that its schema does not list. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return inner.type === 'object' && inner.properties !== undefined
    ? { ...inner, additionalProperties: false }
    : inner;
}
