import { SoakError } from '../core/errors.ts';
import type { Overrides } from '../core/overrides.ts';
import { asNumber } from './ad-hoc.ts';
import { type AdHocFlags, FLAGS, flagOrigin, flagText } from './ad-hoc-flags.ts';
import { describe } from './describe.ts';
import type { OverrideKey } from './overrides.ts';
import { linesOf, type Problem } from './problem.ts';
import { Fault } from './schema/combinators.ts';
import { readDuration, readNumber } from './schema/scalars.ts';

/** Parsers from the text of a flag to the value of an override. */
const READERS: Readonly<
  Record<
    OverrideKey,
    { readonly key: keyof Overrides; readonly read: (text: string | number) => number | Fault }
  >
> = {
  users: { key: 'users', read: (text) => readNumber(text, { min: 1, whole: true }) },
  rate: { key: 'rate', read: (text) => readNumber(text, { min: 0, above: true }) },
  for: { key: 'forMs', read: (text) => readDuration(text) },
  ramp: { key: 'rampMs', read: (text) => readDuration(text) },
  warmUp: { key: 'warmUpMs', read: (text) => readDuration(text, { zero: true }) },
  seed: { key: 'seed', read: (text) => readNumber(text, { min: 0, max: 0xffff_ffff, whole: true }) },
  maxStreams: { key: 'maxStreams', read: (text) => readNumber(text, { min: 1, whole: true }) },
};

/**
 * Reads the flags of a run without `--target`.
 * @param flags only those of {@link READERS} are valid
 * @throws SoakError USAGE, with a line for each flag that is invalid or belongs to a target
 */
export function readOverrides(flags: Partial<AdHocFlags>): Overrides {
  const problems: Problem[] = [];
  const overrides: { -readonly [K in keyof Overrides]: Overrides[K] } = {};
  for (const [flag, { path, numeric }] of Object.entries(FLAGS)) {
    const text = flags[flag as keyof AdHocFlags];
    if (text === undefined) continue;
    if (!isOverride(flag)) {
      problems.push(misplaced(flag as keyof AdHocFlags));
      continue;
    }
    const { key, read } = READERS[flag];
    const value = read(numeric === true ? (asNumber(text) as string | number) : (text as string));
    if (value instanceof Fault) {
      const { expected, advice, found = describe(text, path) } = value.schemaIssue;
      problems.push({ kind: 'invalid', path, at: 'value', found, expected, advice });
    } else overrides[key] = value;
  }
  if (problems.length === 0) return overrides;
  // The advice already names flags or keys of a file.
  const lines = linesOf(problems, { place: flagOrigin.place });
  throw new SoakError('USAGE', lines[0]!, lines);
}

/** Returns the flag of an override, such as `--warm-up`. */
export const overrideFlag = (key: OverrideKey): string => flagText(key);

const isOverride = (flag: string): flag is OverrideKey => Object.hasOwn(READERS, flag);

/** Returns a problem for a flag that describes a target or soakd itself: for a scenario, the configuration sets it. */
function misplaced(flag: keyof AdHocFlags): Problem {
  const { path } = FLAGS[flag];
  const inTarget = path[0] === 'targets';
  const key = inTarget ? path.slice(2).join('.') : path.join('.');
  return {
    kind: 'invalid',
    path,
    at: 'value',
    found: 'this flag without --target',
    expected: 'it only with --target or a URL',
    advice: `set ${key}: ${inTarget ? 'of the target ' : ''}in the configuration`,
  };
}
