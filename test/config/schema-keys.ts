import type { z } from 'zod';

/** A key of one mapping of the schema, and every path at which that mapping can stand. */
export interface SchemaKey {
  readonly key: string;
  readonly paths: ReadonlySet<string>;
}

interface Inside {
  readonly def: Readonly<Record<string, unknown>>;
}

/**
 * Lists the keys of a schema by reading it. A mapping that is used in several places (a distribution, say)
 * counts once.
 */
export function keysOf(root: z.ZodType): SchemaKey[] {
  const found = new Map<unknown, Map<string, Set<string>>>();
  const walk = (schema: z.ZodType, path: string): void => {
    const { def } = schema as unknown as Inside;
    switch (def.type) {
      case 'union':
        for (const inner of def.options as z.ZodType[]) walk(inner, path);
        return;
      case 'object': {
        const keys = found.get(schema) ?? new Map<string, Set<string>>();
        found.set(schema, keys);
        for (const [key, inner] of Object.entries(def.shape as Record<string, z.ZodType>)) {
          const at = path === '' ? key : `${path}.${key}`;
          keys.set(key, (keys.get(key) ?? new Set()).add(at));
          walk(inner, at);
        }
        return;
      }
      case 'record':
        walk(def.valueType as z.ZodType, `${path}.*`);
        return;
      case 'array':
        walk(def.element as z.ZodType, `${path}.#`);
        return;
      case 'pipe':
        walk(def.in as z.ZodType, path);
        return;
      case 'optional':
      case 'default':
      case 'prefault':
        walk(def.innerType as z.ZodType, path);
        return;
      case 'unknown':
        return;
      default:
        throw new Error(`the walk does not know ${String(def.type)} at ${path}`);
    }
  };
  walk(root, '');
  return [...found.values()].flatMap((keys) => [...keys].map(([key, paths]) => ({ key, paths })));
}

/** `targets[0].labels.region` as `targets.#.labels.*`, for the mappings whose keys the user chooses. */
export function patternOf(path: string): string {
  return path
    .replace(/\[\d+\]/g, '.#')
    .replace(/^(scenarios|schedules)(?:\.[\w-]+|\["[^"]*"\])/, '$1.*')
    .replace(/(thresholds)\["([^"]*)"\]$/, '$1.$2');
}
