import type { z } from 'zod';
import { describe, list as enumerate, isMapping, quote, valueAt } from '../describe.ts';
import { adviseName, nearest } from '../nearest.ts';
import type { Path, Problem } from '../problem.ts';
import { Fault, Faults, type MappingRules } from './combinators.ts';
import { parsePlainText } from './secret-text.ts';

/** What a schema makes of a value. */
interface Read {
  readonly isValid: boolean;
  /**
   * The result; of an invalid mapping or list, its valid parts: valid keys, and entries with `undefined` for invalid ones.
   * `undefined` if the schema turns mapping or list into something else.
   */
  readonly value: unknown;
}

/** The parts of zod's definitions, and what `combinators.ts` adds to them. */
interface Definition {
  readonly def: {
    readonly type: string;
    readonly innerType: z.ZodType;
    readonly defaultValue: unknown;
    readonly in: z.ZodType;
    readonly out: { readonly def: { transform(value: unknown): unknown } };
    readonly element: z.ZodType;
    readonly valueType: z.ZodType;
    readonly shape: Readonly<Record<string, z.ZodType>>;
  };
  readonly refers: boolean;
  readonly wrong: Fault;
  readonly min: number;
  readonly max: number;
  readonly rules: MappingRules<unknown>;
  faultOfKey(name: string, earlier: readonly string[]): Fault | undefined;
  select(value: unknown): z.ZodType | Fault;
}

/**
 * Reads a value by a schema, once. Unlike a parse by zod, it reports all that is wrong, also what keys of one mapping are to
 * each other beside an invalid one, and returns what is valid.
 * @param problems receives what is wrong
 */
export function read(schema: z.ZodType, value: unknown, problems: Problem[], path: Path = []): Read {
  const given = schema as unknown as Definition;
  const { def } = given;
  switch (def.type) {
    case 'unknown':
      return taken(
        given.refers || typeof value !== 'string' ? value : parsePlainText(value),
        value,
        problems,
        path,
      );
    case 'optional':
      return value === undefined ? { isValid: true, value } : read(def.innerType, value, problems, path);
    case 'default':
      if (value === undefined) return { isValid: true, value: def.defaultValue };
      return read(def.innerType, value, problems, path);
    case 'prefault':
      return read(def.innerType, value === undefined ? def.defaultValue : value, problems, path);
    case 'pipe': {
      const inner = read(def.in, value, problems, path);
      if (!inner.isValid) return INVALID;
      return taken(def.out.def.transform(inner.value), value, problems, path);
    }
    case 'union': {
      const chosen = given.select(value);
      return chosen instanceof Fault
        ? taken(chosen, value, problems, path)
        : read(chosen, value, problems, path);
    }
    case 'array': {
      if (!Array.isArray(value)) return taken(given.wrong, value, problems, path);
      const entries = value.map((entry, i) => read(def.element, entry, problems, [...path, i]));
      const fits = value.length >= given.min && value.length <= given.max;
      if (!fits) report(given.wrong, value, problems, path);
      return { isValid: fits && entries.every((e) => e.isValid), value: entries.map((e) => e.value) };
    }
    case 'record':
      return readDictionary(given, value, problems, path);
    case 'object':
      return readMapping(given, value, problems, path);
    default:
      throw new TypeError(`the reader does not know ${def.type} at ${path.join('.')}`);
  }
}

const INVALID: Read = { isValid: false, value: undefined };

/** Returns a result, unless it is a fault. */
function taken(result: unknown, value: unknown, problems: Problem[], path: Path): Read {
  if (!(result instanceof Fault || result instanceof Faults)) return { isValid: true, value: result };
  for (const fault of result instanceof Faults ? result.all : [result]) report(fault, value, problems, path);
  return INVALID;
}

function report(fault: Fault, value: unknown, problems: Problem[], above: Path): void {
  const { at, expected, advice, found, byFlag } = fault;
  const path = [...above, ...fault.path];
  const wrong = valueAt(value, fault.path);
  // For a missing key, the advice is to add the key.
  const isMissing = wrong === undefined && found === undefined && !advice.startsWith('add ');
  problems.push({
    kind: 'invalid',
    path,
    at,
    found: found ?? describe(wrong, path),
    expected,
    advice: isMissing ? `add ${path.at(-1) ?? 'it'}:` : advice,
    byFlag,
  });
}

function readDictionary(given: Definition, value: unknown, problems: Problem[], path: Path): Read {
  if (!isMapping(value)) return taken(given.wrong, value, problems, path);
  const names = Object.keys(value);
  const faults = names.flatMap(
    (name, i) => given.faultOfKey(name, names.slice(0, i))?.below([name], 'key') ?? [],
  );
  for (const fault of faults) report(fault, value, problems, path);
  const entries = names.map(
    (name) => [name, read(given.def.valueType, value[name], problems, [...path, name])] as const,
  );
  return {
    isValid: faults.length === 0 && entries.every(([, entry]) => entry.isValid),
    value: Object.fromEntries(entries.map(([name, entry]) => [name, entry.value])),
  };
}

function readMapping({ def, rules }: Definition, value: unknown, problems: Problem[], path: Path): Read {
  const { advice = 'write its keys below it', shown, checks = [] } = rules;
  const keys = Object.keys(def.shape).sort();
  if (!isMapping(value)) {
    const listed = `${keys.length === 1 ? 'the key' : 'keys of'} ${(shown ?? keys).join(', ')}`;
    return taken(new Fault(`a mapping with ${listed}`, advice), value, problems, path);
  }
  const before = problems.length;
  const strays = Object.keys(value).filter((key) => !Object.hasOwn(def.shape, key));
  for (const key of strays) {
    const fault = rules.unknown?.(key) ?? unknownKey(key, keys, shown);
    report(fault.below([key], 'key'), value, problems, path);
  }
  const meant = new Map(strays.map((key) => [nearest(key, keys) ?? key, value[key]]));
  const below: Problem[] = [];
  const valid: Record<string, unknown> = {};
  const invalid = new Set<PropertyKey>(meant.keys());
  for (const [key, inner] of Object.entries(def.shape)) {
    const part = read(inner, Object.hasOwn(value, key) ? value[key] : undefined, below, [...path, key]);
    if (!part.isValid) invalid.add(key);
    if (part.value !== undefined) valid[key] = part.value;
  }
  // What lies below a misspelled key can be wrong, too.
  for (const key of strays) {
    const inner = def.shape[nearest(key, keys) ?? ''];
    if (inner !== undefined) read(inner, value[key], below, [...path, key]);
  }
  // A value under a misspelled name counts as present.
  const written = { ...Object.fromEntries(meant), ...value };
  const readable = invalid.size === 0 ? valid : unreadable(valid, invalid);
  for (const check of checks) {
    try {
      for (const fault of check(readable, written)) report(fault, value, problems, path);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
    }
  }
  problems.push(...below);
  return { isValid: problems.length === before, value: valid };
}

function unknownKey(key: string, keys: readonly string[], shown: readonly string[] | undefined): Fault {
  const all = shown === undefined ? enumerate(keys) : shown.join(', ');
  const expected = keys.length === 1 ? `only ${keys[0]}` : `one of ${all}`;
  return new Fault(expected, adviseName(key, keys, 'remove it'), `an unknown key ${quote(key)}`);
}

/** Thrown when a check reads an invalid key; ends the check. */
class Unreadable extends Error {}

/**
 * Returns the valid keys. A key that an unknown key probably meant counts as invalid: for `ulr`, a message about a
 * missing `url` would be noise.
 */
function unreadable(valid: object, invalid: ReadonlySet<PropertyKey>): unknown {
  return new Proxy(valid, {
    get(known, key) {
      if (invalid.has(key)) throw new Unreadable();
      return Reflect.get(known, key);
    },
    ownKeys() {
      throw new Unreadable();
    },
  });
}
