import { type Allowlist, buildAllowlist, normalizeHost } from '../core/allow.ts';
import { isLoopback } from '../core/loopback.ts';
import { peakOf } from '../shapes/list.ts';
import { isMapping, list, quote, valueAt } from './describe.ts';
import { adviseName } from './nearest.ts';
import { type Path, type Problem, problem } from './problem.ts';
import type { ValidParts } from './schema/root.ts';
import { durationText } from './schema/scalars.ts';
import { targetEntries } from './schema/scenario-checks.ts';
import type { StageDraft } from './schema/stage.ts';
import { ofTarget } from './threshold-checks.ts';

/**
 * Checks what one part of a configuration requires of another, so that a mistake in one part does not hide issues in the
 * others: names as they are written, the rest by what is valid.
 */
export function crossCheck(data: unknown, valid: ValidParts): Problem[] {
  return [
    ...duplicateTargets(data),
    ...unknownTargets(data),
    ...unknownStart(data),
    ...unknownScheduled(data),
    ...missingTokens(data),
    ...refusedHosts(data, valid),
    ...overLimits(valid),
  ];
}

const oneOf = (what: string, names: readonly string[]): string =>
  names.length === 1 ? `the ${what} ${names[0]}` : `one of the ${what}s ${list(names)}`;

function targetNames(data: unknown): (string | undefined)[] {
  const targets = valueAt(data, ['targets']);
  if (!Array.isArray(targets)) return [];
  return targets.map((target: unknown) => {
    const name = valueAt(target, ['name']);
    return typeof name === 'string' ? name : undefined;
  });
}

function duplicateTargets(data: unknown): Problem[] {
  return targetNames(data).flatMap((name, i, all) =>
    name === undefined || all.indexOf(name) === i
      ? []
      : problem(
          ['targets', i, 'name'],
          quote(name),
          'a name of its own for each target',
          `rename it, since targets[${all.indexOf(name)}] has the same`,
        ),
  );
}

function unknownTargets(data: unknown): Problem[] {
  const all = valueAt(data, ['scenarios']);
  const known = [...new Set(targetNames(data).filter((name) => name !== undefined))];
  // Without any name every reference would be an issue, which would bury the actual mistake.
  if (!isMapping(all) || known.length === 0) return [];
  return Object.entries(all).flatMap(([scenario, value]) => {
    const { entries, at } = targetEntries(valueAt(value, ['targets']));
    const references: [Path, unknown][] = [
      [['target'], valueAt(value, ['target'])],
      ...entries.map((entry, i): [Path, unknown] =>
        typeof entry === 'string'
          ? [['targets', ...at, i], entry]
          : [['targets', ...at, i, 'name'], valueAt(entry, ['name'])],
      ),
    ];
    return references.flatMap(([path, name]) =>
      typeof name !== 'string' || known.includes(name)
        ? []
        : problem(
            ['scenarios', scenario, ...path],
            quote(name),
            oneOf('target', known),
            adviseName(name, known, 'add it to targets:'),
          ),
    );
  });
}

function unknownStart(data: unknown): Problem[] {
  return unknownScenario(data, ['serve', 'start']);
}

function unknownScheduled(data: unknown): Problem[] {
  const all = valueAt(data, ['schedules']);
  return Object.keys(isMapping(all) ? all : {}).flatMap((schedule) =>
    unknownScenario(data, ['schedules', schedule, 'scenario']),
  );
}

/** Checks a path that holds the name of a scenario, or nothing. */
function unknownScenario(data: unknown, path: Path): Problem[] {
  const name = valueAt(data, path);
  const all = valueAt(data, ['scenarios']);
  if (typeof name !== 'string' || !isMapping(all) || Object.hasOwn(all, name)) return [];
  const known = Object.keys(all);
  return known.length === 0
    ? []
    : [problem(path, quote(name), oneOf('scenario', known), adviseName(name, known, 'add it to scenarios:'))];
}

/** Requires tokens outside loopback, since without them every client that reaches the port can start load. */
function missingTokens(data: unknown): Problem[] {
  const tokens = valueAt(data, ['serve', 'tokens']);
  // Invalid tokens are reported already.
  if (tokens !== undefined && !(Array.isArray(tokens) && tokens.length === 0)) return [];
  const problems: Problem[] = [];
  for (const path of [
    ['serve', 'host'],
    ['serve', 'metrics', 'host'],
  ]) {
    const host = valueAt(data, path);
    if (typeof host !== 'string' || host === '' || isLoopback(host)) continue;
    problems.push(
      problem(
        path,
        `${quote(host)} without tokens`,
        'tokens, since other machines reach this address',
        'add tokens:, or listen on 127.0.0.1',
      ),
    );
  }
  for (const path of [
    ['serve', 'metrics'],
    ['serve', 'metrics', 'access'],
  ])
    if (valueAt(data, path) === 'token')
      problems.push(problem(path, '"token" without tokens', 'tokens to ask for', 'add tokens:'));
  return problems;
}

function refusedHosts(data: unknown, { allow = [], targets = [] }: ValidParts): Problem[] {
  // A mistake in the list is the more likely cause and is reported already.
  if (!allow.every((entry) => entry !== undefined)) return [];
  const allowlist = buildAllowlist(allow);
  return targets.flatMap((target = {}, i) => {
    const of = target.name === undefined ? '' : ofTarget(data, [target.name]);
    // A Unix socket is on this machine, regardless of the host in the URL.
    const isLocal = valueAt(data, ['targets', i, 'socket']) !== undefined;
    return [
      ...(isLocal ? [] : refusedTarget(allowlist, target, i, of)),
      ...refused(
        allowlist,
        target.memory?.prometheus,
        ['targets', i, 'memory', 'prometheus'],
        of,
        'if you may ask it',
      ),
    ];
  });
}

/** @param of the name of one target of several */
function refused(
  allowlist: Allowlist,
  url: string | undefined,
  path: Path,
  of: string,
  may: string,
  isLookedUp = false,
): Problem[] {
  if (url === undefined) return [];
  const { hostname } = new URL(url);
  const classified = allowlist.classifyHost(hostname);
  if (classified !== 'no' && (classified !== 'look-up' || !isLookedUp)) return [];
  const host = normalizeHost(hostname);
  const expected =
    classified === 'no'
      ? 'loopback or a host that allow names'
      : 'a host that allow names itself, since its proxy looks it up';
  return [
    problem(path, `the host ${quote(host)}${of}`, expected, `add ${host} to allow:, ${may}`, 'allow', {
      advice: `add --allow ${host}, ${may}`,
    }),
  ];
}

type Target = NonNullable<NonNullable<ValidParts['targets']>[number]>;

function refusedTarget(allowlist: Allowlist, { url, proxy }: Target, i: number, of: string): Problem[] {
  const by = typeof proxy === 'object' ? proxy.url : undefined;
  return [
    ...refused(allowlist, url, ['targets', i, 'url'], of, 'if you may send load to it', by !== undefined),
    ...refused(allowlist, by, ['targets', i, 'proxy'], of, 'if you may send this load through it'),
  ];
}

type Limits = NonNullable<ValidParts['limits']>;

/** No flag sets a limit. */
const BY_FLAG = { advice: 'lower it, or use a configuration file with other limits' };

/** Checks the limits of a scenario, also of an invalid one, by its valid stages. */
function overLimits({ scenarios = {}, limits = {} }: ValidParts): Problem[] {
  return Object.entries(scenarios).flatMap(([name, { stages = [], maxUsers, targets } = {}]) => {
    const at: Path = ['scenarios', name];
    const turns = targets?.pauseMs === undefined ? 1 : targets.targets.length;
    return [
      ...stages.flatMap((draft, i) => overLevel([...at, 'stages', i], draft, limits)),
      ...overUsers([...at, 'maxUsers'], maxUsers, limits),
      ...overDuration([...at, 'stages'], stages, turns, targets?.pauseMs ?? 0, limits),
    ];
  });
}

function overLevel(at: Path, draft: StageDraft | undefined, limits: Limits): Problem[] {
  if (draft === undefined) return [];
  const isRate = draft.unit === 'rate';
  const key = isRate ? 'maxRate' : 'maxUsers';
  const max = limits[key];
  const peak = peakOf(draft.stage);
  if (max === undefined || peak <= max) return [];
  return [
    problem(
      [...at, draft.key],
      `${peak} ${isRate ? 'streams a second' : 'users'}`,
      `at most ${max} (limits.${key})`,
      `lower it, or raise limits.${key}`,
      'invalid',
      BY_FLAG,
    ),
  ];
}

function overUsers(at: Path, users: number | undefined, { maxUsers }: Limits): Problem[] {
  if (maxUsers === undefined || users === undefined || users <= maxUsers) return [];
  const advice = 'lower it, or raise limits.maxUsers';
  const expected = `at most ${maxUsers} (limits.maxUsers)`;
  return [problem(at, `${users} users`, expected, advice, 'invalid', BY_FLAG)];
}

/** @param turns 1 without a sequence */
function overDuration(
  at: Path,
  stages: readonly (StageDraft | undefined)[],
  turns: number,
  pauseMs: number,
  { maxDuration: maxDurationMs }: Limits,
): Problem[] {
  const each = stages.reduce((sum, draft) => sum + (draft?.stage.durationMs ?? 0), 0);
  const total = turns * each + (turns - 1) * pauseMs;
  if (maxDurationMs === undefined || total <= maxDurationMs) return [];
  return [
    problem(
      at,
      turns === 1
        ? `stages of ${durationText(total)} together`
        : `stages of ${durationText(each)} for each of ${turns} targets, ${durationText(total)} with the pauses`,
      `at most ${durationText(maxDurationMs)} (limits.maxDuration)`,
      'shorten them, or raise limits.maxDuration',
      'invalid',
      BY_FLAG,
    ),
  ];
}
