import type { Schema } from './build.ts';
import { RUN_SCHEMAS } from './run.ts';
import { STREAM_SCHEMAS } from './streams.ts';
import { SUMMARY_SCHEMAS } from './summary.ts';

/** Returns the JSON Schema (draft 7) of what `soakd run --json` prints, with everything that it refers to. */
export function summaryJsonSchema(): Schema {
  const all = [...SUMMARY_SCHEMAS, ...RUN_SCHEMAS, ...STREAM_SCHEMAS];
  const definitions: Record<string, unknown> = {};
  const add = (id: string): void => {
    if (Object.hasOwn(definitions, id)) return;
    const { $id: _, ...schema } = all.find((s) => s.$id === id)!;
    // Put there first: a schema may refer to itself.
    definitions[id] = undefined;
    definitions[id] = local(schema, add);
  };
  add('Summary');
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Summary of a run of soakd',
    $ref: '#/definitions/Summary',
    definitions,
  };
}

/** Turns references to schemas of the API into those of this document. */
function local(value: unknown, add: (id: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => local(item, add));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== '$ref' || typeof inner !== 'string') return [key, local(inner, add)];
      const id = inner.replace(/#$/, '');
      add(id);
      return [key, `#/definitions/${id}`];
    }),
  );
}
