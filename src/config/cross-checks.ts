import { type Allowlist, buildAllowlist, faultOfAllowEntry, normalizeHost } from '../core/allow.ts';
import { isLoopback } from '../core/loopback.ts';
import { peakOf } from '../core/peak.ts';
import type { Limits } from '../core/scenario.ts';
import { isMapping, list, quote, valueAt } from './describe.ts';
import { adviseName } from './nearest.ts';
import { type Path, type Problem, problem } from './problem.ts';
import { Fault } from './schema/combinators.ts';
import { readUrl } from './schema/http.ts';
import { proxyHostOf } from './schema/proxy.ts';
import { durationText } from './schema/scalars.ts';
import { pauseBetween } from './schema/scenario.ts';
import { targetEntries } from './schema/scenario-checks.ts';
import { type StageDraft, stage } from './schema/stage.ts';
import { ofTarget } from './threshold-checks.ts';

/**
 * Checks what one part of a configuration requires of another. Works on the data as written, so that a mistake in one
 * part does not hide issues in the others.
 *
 * @param limits valid limits
 */
export function crossCheck(data: unknown, limits: Partial<Limits>): Problem[] {
  return [
    ...duplicateTargets(data),
    ...unknownTargets(data),
    ...unknownStart(data),
    ...unknownScheduled(data),
    ...missingTokens(data),
    ...refusedHosts(data),
    ...overLimits(data, limits),
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

function refusedHosts(data: unknown): Problem[] {
  const allow = valueAt(data, ['allow']) ?? [];
  const targets = valueAt(data, ['targets']);
  if (!Array.isArray(targets) || !Array.isArray(allow)) return [];
  const isValid = allow.every((e) => typeof e === 'string' && faultOfAllowEntry(e) === undefined);
  // A mistake in the list is the more likely cause and is reported already.
  if (!isValid) return [];
  const allowlist = buildAllowlist(allow as string[]);
  return targets.flatMap((target: unknown, i) => [
    ...refusedTarget(allowlist, target, i, whose(data, target)),
    ...refusedPrometheus(allowlist, target, i, whose(data, target)),
  ]);
}

/** @returns the name of one target of several */
function whose(data: unknown, target: unknown): string {
  const name = valueAt(target, ['name']);
  return typeof name === 'string' ? ofTarget(data, [name]) : '';
}

function refusedPrometheus(allowlist: Allowlist, target: unknown, i: number, of: string): Problem[] {
  const url = readUrl(valueAt(target, ['memory', 'prometheus']));
  if (url instanceof Fault || allowlist.classifyHost(url.hostname) !== 'no') return [];
  const host = normalizeHost(url.hostname);
  return [
    problem(
      ['targets', i, 'memory', 'prometheus'],
      `the host ${quote(host)}${of}`,
      'loopback or a host that allow names',
      `add ${host} to allow:, if you may ask it`,
      'allow',
    ),
  ];
}

function refusedTarget(allowlist: Allowlist, target: unknown, i: number, of: string): Problem[] {
  const url = readUrl(valueAt(target, ['url']));
  // A Unix socket is on this machine, regardless of the host in the URL.
  if (url instanceof Fault || valueAt(target, ['socket']) !== undefined) return [];
  const proxyHost = proxyHostOf(valueAt(target, ['proxy']));
  const classified = allowlist.classifyHost(url.hostname);
  const host = normalizeHost(url.hostname);
  const refused: Problem[] = [];
  if (classified === 'no' || (classified === 'look-up' && proxyHost !== undefined)) {
    const expected =
      classified === 'no'
        ? 'loopback or a host that allow names'
        : 'a host that allow names itself, since its proxy looks it up';
    const advice = `add ${host} to allow:, if you may load it`;
    refused.push(problem(['targets', i, 'url'], `the host ${quote(host)}${of}`, expected, advice, 'allow'));
  }
  if (proxyHost !== undefined && allowlist.classifyHost(proxyHost) === 'no') {
    const proxy = normalizeHost(proxyHost);
    const found = `the host ${quote(proxy)}${of}`;
    const advice = `add ${proxy} to allow:, if you may send this load through it`;
    const expected = 'loopback or a host that allow names';
    refused.push(problem(['targets', i, 'proxy'], found, expected, advice, 'allow'));
  }
  return refused;
}

/** Checks the limits of a scenario, also of an invalid one, by its valid stages. */
function overLimits(data: unknown, limits: Partial<Limits>): Problem[] {
  const all = valueAt(data, ['scenarios']);
  return Object.entries(isMapping(all) ? all : {}).flatMap(([name, scenario]) => {
    const at: Path = ['scenarios', name];
    const written = valueAt(scenario, ['stages']);
    const stages = (Array.isArray(written) ? written : []).map((item) => stage.safeParse(item).data);
    return [
      ...stages.flatMap((draft, i) => overLevel([...at, 'stages', i], draft, limits)),
      ...overUsers([...at, 'maxUsers'], valueAt(scenario, ['maxUsers']), limits),
      ...overDuration([...at, 'stages'], stages, sequenceOf(scenario), limits),
    ];
  });
}

function overLevel(at: Path, draft: StageDraft | undefined, limits: Partial<Limits>): Problem[] {
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
    ),
  ];
}

function overUsers(at: Path, users: unknown, { maxUsers }: Partial<Limits>): Problem[] {
  if (maxUsers === undefined || !Number.isSafeInteger(users) || (users as number) <= maxUsers) return [];
  const advice = 'lower it, or raise limits.maxUsers';
  return [problem(at, `${users} users`, `at most ${maxUsers} (limits.maxUsers)`, advice)];
}

/** Returns the number of turns of a scenario, 1 without a sequence, and the pause between two. */
function sequenceOf(scenario: unknown): { readonly turns: number; readonly pauseMs: number } {
  const { entries, isSequence } = targetEntries(valueAt(scenario, ['targets']));
  if (!isSequence) return { turns: 1, pauseMs: 0 };
  const pause = pauseBetween.safeParse(valueAt(scenario, ['targets', 'pause']));
  return { turns: Math.max(1, entries.length), pauseMs: pause.data ?? 0 };
}

function overDuration(
  at: Path,
  stages: readonly (StageDraft | undefined)[],
  { turns, pauseMs }: { readonly turns: number; readonly pauseMs: number },
  { maxDurationMs }: Partial<Limits>,
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
    ),
  ];
}
