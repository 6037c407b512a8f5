import { resolve } from 'node:path';
import type { Config } from '../core/scenario.ts';
import {
  AD_HOC_SCENARIO,
  type AdHocFlags,
  FLAGS,
  type FlagName,
  flagOrigin,
  flagText,
  put,
  RUN,
} from './ad-hoc-flags.ts';
import { check } from './check.ts';
import { describe, quote } from './describe.ts';
import { errorOf, type Origin, type Path, type Problem } from './problem.ts';
import type { ReadFile } from './prompts.ts';
import { LargeFileError, MAX_FILE_BYTES, readRegularFile, readSmallText, refusalOf } from './regular-file.ts';
import { Fault } from './schema/combinators.ts';
import { type NumberRange, readNumber } from './schema/scalars.ts';
import { processSecrets, type SecretSource } from './secrets.ts';
import { flow } from './simulator-flags.ts';

export type { AdHocFlags } from './ad-hoc-flags.ts';

export interface AdHocOptions {
  readonly checkSecrets?: boolean;
  readonly env?: SecretSource['env'];
  readonly cwd?: string;
  readonly readFile?: ReadFile;
}

/**
 * Returns a configuration with one target `target` and one scenario `ad-hoc` from flags. The flags become data of the
 * configuration file and go through the same schema and checks.
 * @throws SoakError whose lines name flags
 */
export function adHocConfig(flags: AdHocFlags, options: AdHocOptions = {}): Config {
  const { cwd: baseDir = process.cwd(), readFile = readRegularFile } = options;
  const { data, problems } = dataOf(flags, (path) => readFile(resolve(baseDir, path)));
  const secrets: SecretSource = {
    ...processSecrets(baseDir, options.env),
    readFile: (path) => readSmallText(path, readFile),
  };
  const deps = { baseDir, readFile, secrets: options.checkSecrets === true ? secrets : undefined };
  const checked = check(data, deps, problems);
  if ('problems' in checked) throw errorOf(withoutRepeats(checked.problems, flags), rampOrigin(flags));
  return checked.config;
}

/** maxUsers of an open run without `--users`: the default of limits.maxUsers. */
const OPEN_USERS = 10_000;

function dataOf(flags: AdHocFlags, read: ReadFile): { data: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  const given: Record<string, unknown> = { for: '60s', ...flags };
  const wrong: Wrong = (flag, found, expected, advice, ...step) => {
    problems.push({
      kind: 'invalid',
      path: [...FLAGS[flag].path, ...step],
      at: 'value',
      found,
      expected,
      advice,
    });
  };
  const atLeast = (flag: 'users' | 'rate', range: NumberRange): void => {
    const value = asNumber(given[flag]);
    const read = readNumber(value, range);
    if (!(read instanceof Fault)) return;
    const { expected, advice } = read;
    wrong(flag, describe(value, []), expected, advice);
    given[flag] = '1';
  };
  const data: Record<string, unknown> = {};
  put(data, ['targets', 0, 'name'], 'target');
  put(data, ['scenarios', AD_HOC_SCENARIO, 'target'], 'target');

  if (flags.rate === undefined) {
    given.users ??= '1';
    // A run of one stage has no level of 0, unlike a stage of a scenario.
    atLeast('users', { min: 1, whole: true });
  } else {
    atLeast('rate', { min: 0, above: true });
    delete given.users;
    put(data, ['scenarios', AD_HOC_SCENARIO, 'maxUsers'], asNumber(flags.users ?? String(OPEN_USERS)));
  }
  for (const [flag, key] of MATCHERS) {
    const value = flags[flag];
    if (value === undefined) continue;
    delete given[flag];
    putPath(data, ['targets', 0, key], value);
  }
  const ends = (['terminal', 'terminalPath', 'terminalEvent'] as const).filter(
    (flag) => flags[flag] !== undefined,
  );
  if (ends.length > 1) {
    delete given.terminal;
    const names = ends.map(flagText).join(' and ');
    wrong(ends[0]!, names, 'one of them', 'keep one of them');
  }
  if (flags.header !== undefined) given.header = headersOf(flags.header, wrong);
  if (flags.threshold !== undefined) given.threshold = thresholdsOf(flags.threshold, wrong);
  if (flags.user !== undefined) given.user = basicOf(flags.user, wrong);
  if (flags.thinkTime !== undefined)
    given.thinkTime = flow(flags.thinkTime, (found, expected, advice) =>
      wrong('thinkTime', found, expected, advice),
    );
  if (flags.body?.startsWith('@') === true) given.body = bodyOf(flags.body.slice(1), read, wrong);
  for (const [flag, { path, ...rest }] of Object.entries(FLAGS)) {
    const value = flag === 'ramp' ? undefined : given[flag];
    if (value !== undefined)
      put(data, path, 'kind' in rest && rest.kind === 'number' ? asNumber(value) : value);
  }
  if (flags.ramp !== undefined) addRamp(data, flags.ramp);
  return { data, problems };
}

/** Flags that take a path or path=value, and their keys. */
const MATCHERS = [
  ['terminalPath', 'terminal'],
  ['errorPath', 'error'],
] as const;

/** @param given `path`, or `path=value` with a value in JSON or a bare text */
function putPath(data: Record<string, unknown>, at: Path, given: string): void {
  const [path, ...rest] = given.split('=');
  put(data, [...at, 'path'], path);
  if (rest.length > 0) put(data, [...at, 'equals'], asScalar(rest.join('=')));
}

function asScalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return asNumber(text);
}

type Wrong = (flag: FlagName, found: string, expected: string, advice: string, ...step: number[]) => void;

/** Returns a number, or the text itself, for which the schema then reports an issue. */
export function asNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

function headersOf(lines: readonly string[], wrong: Wrong): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [i, line] of lines.entries()) {
    const match = /^([^:\s]+)[ \t]*:[ \t]*(.*?)[ \t]*$/s.exec(line);
    // __proto__ would be no key of the data.
    if (match === null || match[1] === '__proto__') {
      wrong(
        'header',
        'a string that is no header',
        '"Name: value"',
        'write the name, a colon and the value',
        i,
      );
    } else if (Object.hasOwn(headers, match[1]!)) {
      wrong(
        'header',
        `the header ${quote(match[1]!)} a second time`,
        'each header once',
        'remove one of them',
      );
    } else {
      Object.defineProperty(headers, match[1]!, { value: match[2]!, enumerable: true });
    }
  }
  return headers;
}

/** As `thresholds:` of a file has them: names and limits go through its schema. */
function thresholdsOf(given: readonly string[], wrong: Wrong): Record<string, unknown> {
  const thresholds: Record<string, unknown> = {};
  for (const [i, text] of given.entries()) {
    const [, name, limit] = /^([^=\s]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined || name === '__proto__') {
      wrong('threshold', quote(text), 'NAME=LIMIT', 'write for example --threshold ttft-p95=3s', i);
    } else if (Object.hasOwn(thresholds, name)) {
      wrong('threshold', `the threshold ${name} a second time`, 'each once', 'remove one of them', i);
    } else thresholds[name] = asNumber(limit);
  }
  return thresholds;
}

/** The first colon that is in no reference parts the two. */
function basicOf(text: string, wrong: Wrong): { user: string; password: string } | undefined {
  const match = /^((?:\$\{[^}]*\}|[^:$]|\$(?!\{))+):(.*)$/s.exec(text);
  if (match !== null) return { user: match[1]!, password: match[2]! };
  wrong(
    'user',
    'a string without a name, or without ":"',
    '"name:password"',
    `write for example 'me:\${env:PASSWORD}'`,
  );
  return undefined;
}

function bodyOf(path: string, read: ReadFile, wrong: Wrong): string {
  try {
    const bytes = read(path);
    if (bytes.length > MAX_FILE_BYTES) throw new LargeFileError(MAX_FILE_BYTES);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'which does not exist' : (refusalOf(error) ?? 'which cannot be read as text');
    wrong('body', `the file ${quote(path)}, ${why}`, '@ and a file that can be read', 'fix the path');
    return '';
  }
}

interface GivenStage {
  readonly shape?: string;
  readonly users?: unknown;
  readonly rate?: unknown;
  readonly for?: unknown;
}

const STAGES: Path = [...RUN, 'stages'];

/**
 * Puts a ramp from 0 ahead of the one stage that flags make.
 * @param data a configuration with the scenario of flags
 * @param length duration of the ramp, as typed
 */
function addRamp(data: Record<string, unknown>, length: string): void {
  const scenario = RUN.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], data);
  const { stages } = scenario as { stages: [GivenStage, ...GivenStage[]] };
  const [{ users, rate }] = stages;
  const rise = rate === undefined ? { users: { from: 0, to: users } } : { rate: { from: 0, to: rate } };
  stages.unshift({ shape: 'ramp', ...rise, for: length });
}

/** Returns the origin of problems for flags of which `--ramp` moves the stage of the others. */
function rampOrigin({ ramp }: Pick<AdHocFlags, 'ramp'>): Origin {
  if (ramp === undefined) return flagOrigin;
  return { ...flagOrigin, place: (path, at) => flagOrigin.place(unmoved(path), at) };
}

/** Leaves out what is wrong with the level of the ramp where the same is said of the stage behind it. */
function withoutRepeats(
  problems: readonly Problem[],
  { ramp }: Pick<AdHocFlags, 'ramp'>,
): readonly Problem[] {
  const isLevel = ({ path }: Problem, stage: number): boolean =>
    inStage(path, stage) && path[STAGES.length + 1] !== 'for';
  if (ramp === undefined || !problems.some((problem) => isLevel(problem, 1))) return problems;
  return problems.filter((problem) => !isLevel(problem, 0));
}

function unmoved(path: Path): Path {
  if (inStage(path, 0)) return path[STAGES.length + 1] === 'for' ? FLAGS.ramp.path : path;
  return inStage(path, 1) ? [...STAGES, 0, ...path.slice(STAGES.length + 1)] : path;
}

function inStage(path: Path, index: number): boolean {
  return [...STAGES, index].every((step, i) => path[i] === step);
}
