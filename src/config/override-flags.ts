import { SoakError } from '../core/errors.ts';
import type { Overrides } from '../core/overrides.ts';
import { asNumber } from './ad-hoc.ts';
import { type AdHocFlags, FLAGS, type FlagName, flagOrigin, flagText } from './ad-hoc-flags.ts';
import { describe } from './describe.ts';
import type { OverrideKey } from './overrides.ts';
import { linesOf, type Path, type Problem, problem } from './problem.ts';
import { Fault } from './schema/combinators.ts';
import { readDuration, readNumber } from './schema/scalars.ts';

/** Parsers from the text of a flag to the value of an override. */
const READERS: Readonly<
  Record<OverrideKey, { readonly key: keyof Overrides; readonly read: (text: string) => number | Fault }>
> = {
  users: { key: 'users', read: (text) => readNumber(asNumber(text), { min: 1, whole: true }) },
  rate: { key: 'rate', read: (text) => readNumber(asNumber(text), { min: 0, above: true }) },
  for: { key: 'forMs', read: (text) => readDuration(text) },
  ramp: { key: 'rampMs', read: (text) => readDuration(text) },
  warmUp: { key: 'warmUpMs', read: (text) => readDuration(text, { zero: true }) },
  seed: {
    key: 'seed',
    read: (text) => readNumber(asNumber(text), { min: 0, max: 0xffff_ffff, whole: true }),
  },
  maxStreams: { key: 'maxStreams', read: (text) => readNumber(asNumber(text), { min: 1, whole: true }) },
};

/**
 * Reads the flags of a run without `--target`.
 * @param flags only those of {@link READERS} are valid
 * @throws SoakError USAGE, with a line for each flag that is invalid or belongs to a target
 */
export function readOverrides(flags: Partial<AdHocFlags>): Overrides {
  const problems: Problem[] = [];
  const overrides: { -readonly [K in keyof Overrides]: Overrides[K] } = {};
  for (const [flag, { path }] of Object.entries(FLAGS)) {
    const text = flags[flag as FlagName];
    if (text === undefined) continue;
    if (!isOverride(flag)) {
      problems.push(misplaced(flag as FlagName));
      continue;
    }
    const { key, read } = READERS[flag];
    const value = read(text as string);
    if (value instanceof Fault) {
      const { expected, advice, found = describe(text, path) } = value;
      problems.push(problem(path, found, expected, advice));
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
function misplaced(flag: FlagName): Problem {
  const { path }: { path: Path } = FLAGS[flag];
  const inTarget = path[0] === 'targets';
  const key = inTarget ? path.slice(2).join('.') : path.join('.');
  const advice = `set ${key}: ${inTarget ? 'of the target ' : ''}in the configuration`;
  return problem(path, 'this flag without --target', 'it only with --target or a URL', advice);
}
