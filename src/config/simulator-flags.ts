import { isMapping, quote } from './describe.ts';
import type { Origin, Path, Problem } from './problem.ts';
import { readSource } from './source.ts';

/** Flags of `soakd simulate`; all values as typed. */
export interface SimulatorFlags {
  readonly preset?: string;
  readonly config?: string;
  readonly format?: string;
  readonly seed?: string;
  readonly ttfb?: string;
  readonly gap?: string;
  readonly chunks?: string;
  readonly characters?: string;
  /** `name=5%`. */
  readonly fault?: readonly string[];
  /** `name=100`. */
  readonly every?: readonly string[];
  /** `name=20%@3m-5m`. */
  readonly timeline?: readonly string[];
  /** As an entry of the list in a configuration. */
  readonly behaviour?: readonly string[];
  /** A number, or as in a configuration. */
  readonly capacity?: string;
  readonly retryAfter?: string;
  readonly roofline?: boolean;
}

type Read = (given: never, wrong: Wrong) => unknown;
/** Reports an issue of the text of a flag, before the schema checks its value. */
type Wrong = (found: string, expected: string, advice: string, ...step: number[]) => void;

const pairs = (what: string, example: string) => (texts: readonly string[], wrong: Wrong) =>
  Object.fromEntries(texts.flatMap((text) => pairOf(text, what, example, wrong) ?? []));

/** Key of each flag, and the parser of its text. */
const FLAGS: Readonly<
  Record<Exclude<keyof SimulatorFlags, 'config'>, { readonly key: string; readonly read: Read }>
> = {
  preset: { key: 'preset', read: (text: string) => text },
  format: { key: 'format', read: (text: string) => text },
  seed: { key: 'seed', read: scalarOf },
  ttfb: { key: 'ttfb', read: flow },
  gap: { key: 'gap', read: flow },
  chunks: { key: 'chunks', read: flow },
  characters: { key: 'characters', read: flow },
  fault: { key: 'faults', read: pairs('a share', 'truncate=5%') },
  every: { key: 'every', read: pairs('a number', 'truncate=100') },
  timeline: {
    key: 'timeline',
    read: (texts: readonly string[], wrong: Wrong) => texts.map((text, i) => episodeOf(text, i, wrong)),
  },
  behaviour: {
    key: 'behaviours',
    read: (texts: readonly string[], wrong: Wrong) =>
      texts.map((text, i) => flow(/^\s*\{/.test(text) ? text : `{ ${text} }`, wrong, i)),
  },
  capacity: { key: 'capacity', read: (text: string, wrong: Wrong) => flow(braced(text), wrong) },
  retryAfter: { key: 'retryAfter', read: (text: string) => text },
  roofline: { key: 'roofline', read: (value: boolean) => value },
};

/** Origin whose messages name flags instead of lines. */
export const simulatorFlagOrigin: Origin = {
  place([key]) {
    const order = Object.values(FLAGS).findIndex((flag) => flag.key === key);
    const name = Object.keys(FLAGS)[order] ?? 'preset';
    return { label: `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`, order };
  },
};

/** Returns the flags as configuration data. */
export function dataOfFlags(flags: SimulatorFlags): { data: Record<string, unknown>; problems: Problem[] } {
  const problems: Problem[] = [];
  const data: Record<string, unknown> = {};
  for (const [flag, { key, read }] of Object.entries(FLAGS)) {
    const value = flags[flag as keyof SimulatorFlags];
    if (value === undefined) continue;
    const wrong: Wrong = (found, expected, advice, ...step) => {
      const path: Path = [key, ...step];
      problems.push({ kind: 'invalid', path, at: 'value', found, expected, advice });
    };
    data[key] = read(value as never, wrong);
  }
  return { data, problems };
}

/** Returns a number, or the text itself, for which the schema then reports an issue. */
function scalarOf(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function pairOf(text: string, what: string, example: string, wrong: Wrong): [[string, unknown]] | undefined {
  const at = text.indexOf('=');
  if (at > 0) return [[text.slice(0, at), scalarOf(text.slice(at + 1))]];
  wrong(quote(text), `the name of a fault, "=" and ${what}`, `write for example ${example}`);
  return undefined;
}

function episodeOf(text: string, i: number, wrong: Wrong): unknown {
  const [, shares, from, to] = /^([^@]+)@([^@-]+)-([^@-]+)$/.exec(text) ?? [];
  const faults = shares?.split(',').map((pair) => /^([^=]+)=([^=]+)$/.exec(pair));
  if (faults === undefined || faults.includes(null)) {
    wrong(quote(text), 'faults with shares, "@" and two times', 'write for example truncate=20%@3m-5m', i);
    return undefined;
  }
  return { from, to, ...Object.fromEntries(faults.map((pair) => [pair![1]!.trim(), scalarOf(pair![2]!)])) };
}

const braced = (text: string): string => (/^\s*\{/.test(text) || !text.includes(':') ? text : `{ ${text} }`);

/** Parses a text as YAML: a number, a word, or a mapping in braces. */
export function flow(text: string, wrong: Wrong, ...step: number[]): unknown {
  const source = readSource(text, '');
  const [problem] = source.problems;
  if (problem === undefined) return source.data;
  wrong(
    quote(text),
    isMapping(source.data) ? problem.expected : 'a value as in a configuration',
    'write it as there, on one line',
    ...step,
  );
  return undefined;
}
