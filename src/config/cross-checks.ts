import { type Allowlist, buildAllowlist, faultOfAllowEntry, normalizeHost } from '../core/allow.ts';
import { isLoopback } from '../core/loopback.ts';
import { peakOf } from '../core/peak.ts';
import type { Limits } from '../core/scenario.ts';
import { isMapping, list, quote, valueAt } from './describe.ts';
import { adviseName } from './nearest.ts';
import type { Path, Problem } from './problem.ts';
import { Fault } from './schema/combinators.ts';
import { readUrl } from './schema/http.ts';
import { proxyHostOf } from './schema/proxy.ts';
import { durationText } from './schema/scalars.ts';
import type { ScenarioDraft } from './schema/scenario.ts';

/**
 * What one part of a configuration demands of another. It looks at the data as written, so that a slip in
 * one part does not hide what is wrong in the rest.
 *
 * @param scenarios those that are right in themselves
 * @param limits absent when they are wrong in themselves
 */
export function crossCheck(
  data: unknown,
  scenarios: ReadonlyMap<string, ScenarioDraft>,
  limits: Limits | undefined,
): Problem[] {
  return [
    ...duplicateTargets(data),
    ...unknownTargets(data),
    ...unknownStart(data),
    ...unknownScheduled(data),
    ...missingTokens(data),
    ...missingObjectives(data),
    ...refusedHosts(data),
    ...(limits === undefined ? [] : [...scenarios].flatMap(([name, s]) => overLimits(name, s, limits))),
  ];
}

const problem = (
  path: Path,
  found: string,
  expected: string,
  advice: string,
  kind: Problem['kind'] = 'invalid',
): Problem => ({
  kind,
  path,
  at: 'value',
  found,
  expected,
  advice,
});

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
  // Without a single name every reference would be wrong, and the one error that matters would drown.
  if (!isMapping(all) || known.length === 0) return [];
  return Object.entries(all).flatMap(([scenario, value]) => {
    const weighted = valueAt(value, ['targets']);
    const references: [Path, unknown][] = [
      [['target'], valueAt(value, ['target'])],
      ...(Array.isArray(weighted) ? weighted : []).map((entry, i): [Path, unknown] => [
        ['targets', i, 'name'],
        valueAt(entry, ['name']),
      ]),
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

/** A place where the name of a scenario stands, or nothing. */
function unknownScenario(data: unknown, path: Path): Problem[] {
  const name = valueAt(data, path);
  const all = valueAt(data, ['scenarios']);
  if (typeof name !== 'string' || !isMapping(all) || Object.hasOwn(all, name)) return [];
  const known = Object.keys(all);
  return known.length === 0
    ? []
    : [problem(path, quote(name), oneOf('scenario', known), adviseName(name, known, 'add it to scenarios:'))];
}

/** Whoever reaches a port may start load with it: beyond this machine only those who show a token. */
function missingTokens(data: unknown): Problem[] {
  const tokens = valueAt(data, ['serve', 'tokens']);
  // Tokens that are wrong in themselves are reported already.
  if (tokens !== undefined && !(Array.isArray(tokens) && tokens.length === 0)) return [];
  const host = valueAt(data, ['serve', 'host']);
  const problems: Problem[] = [];
  if (typeof host === 'string' && host !== '' && !isLoopback(host)) {
    problems.push(
      problem(
        ['serve', 'host'],
        `${quote(host)} without tokens`,
        'tokens, since others than this machine reach it',
        'add tokens:, or listen on 127.0.0.1',
      ),
    );
  }
  if (valueAt(data, ['serve', 'metrics']) === 'token')
    problems.push(
      problem(['serve', 'metrics'], '"token" without tokens', 'tokens to ask for', 'add tokens:'),
    );
  return problems;
}

/** A limit of goodput needs something that is good. */
function missingObjectives(data: unknown): Problem[] {
  const targets = valueAt(data, ['targets']);
  if (!Array.isArray(targets)) return [];
  const isSet = (path: Path): boolean => {
    const limit = valueAt(data, [...path, 'thresholds', 'goodput']);
    return limit !== undefined && limit !== 'off';
  };
  return targets.flatMap((target: unknown, i) => {
    if (valueAt(target, ['objective']) !== undefined) return [];
    const own = valueAt(target, ['thresholds', 'goodput']);
    const path: Path = isSet(['targets', i])
      ? ['targets', i, 'thresholds', 'goodput']
      : ['thresholds', 'goodput'];
    if (own === 'off' || !(isSet(['targets', i]) || isSet([]))) return [];
    return [
      problem(
        path,
        `a limit of goodput for targets[${i}], which has no objective`,
        'an objective of the target',
        'add objective: { ttft: 2s } to it, or set goodput: off in its thresholds',
      ),
    ];
  });
}

function refusedHosts(data: unknown): Problem[] {
  const allow = valueAt(data, ['allow']) ?? [];
  const targets = valueAt(data, ['targets']);
  if (!Array.isArray(targets) || !Array.isArray(allow)) return [];
  const sound = allow.every((e) => typeof e === 'string' && faultOfAllowEntry(e) === undefined);
  // A slip in the list is the likelier cause of a refusal, and is reported already.
  if (!sound) return [];
  const allowlist = buildAllowlist(allow as string[]);
  return targets.flatMap((target: unknown, i) => [
    ...refusedTarget(allowlist, target, i),
    ...refusedPrometheus(allowlist, target, i),
  ]);
}

function refusedPrometheus(allowlist: Allowlist, target: unknown, i: number): Problem[] {
  const url = readUrl(valueAt(target, ['memory', 'prometheus']));
  if (url instanceof Fault || allowlist.judgeHost(url.hostname) !== 'no') return [];
  const host = normalizeHost(url.hostname);
  return [
    problem(
      ['targets', i, 'memory', 'prometheus'],
      `the host ${quote(host)}`,
      'loopback or a host that allow names',
      `add ${host} to allow:, if you may ask it`,
      'allow',
    ),
  ];
}

function refusedTarget(allowlist: Allowlist, target: unknown, i: number): Problem[] {
  const url = readUrl(valueAt(target, ['url']));
  // A Unix socket is of this machine, whatever the URL calls it.
  if (url instanceof Fault || valueAt(target, ['socket']) !== undefined) return [];
  const proxyHost = proxyHostOf(valueAt(target, ['proxy']));
  const judged = allowlist.judgeHost(url.hostname);
  const host = normalizeHost(url.hostname);
  const refused: Problem[] = [];
  if (judged === 'no' || (judged === 'look-up' && proxyHost !== undefined)) {
    const expected =
      judged === 'no'
        ? 'loopback or a host that allow names'
        : 'a host that allow names itself, since its proxy looks it up';
    const advice = `add ${host} to allow:, if you may load it`;
    refused.push(problem(['targets', i, 'url'], `the host ${quote(host)}`, expected, advice, 'allow'));
  }
  if (proxyHost !== undefined && allowlist.judgeHost(proxyHost) === 'no') {
    const proxy = normalizeHost(proxyHost);
    const found = `the host ${quote(proxy)}`;
    const advice = `add ${proxy} to allow:, if you may send this load through it`;
    const expected = 'loopback or a host that allow names';
    refused.push(problem(['targets', i, 'proxy'], found, expected, advice, 'allow'));
  }
  return refused;
}

function overLimits(name: string, scenario: ScenarioDraft, limits: Limits): Problem[] {
  const at: Path = ['scenarios', name];
  const out: Problem[] = [];
  const { model } = scenario;
  const [key, max] =
    model.kind === 'open' ? (['maxRate', limits.maxRate] as const) : (['maxUsers', limits.maxUsers] as const);
  const unit = model.kind === 'open' ? 'streams a second' : 'users';
  for (const [i, stage] of scenario.stages.entries()) {
    if (peakOf(stage) <= max) continue;
    const path: Path = [...at, 'stages', i, scenario.levelKeys[i]!];
    out.push(
      problem(
        path,
        `${peakOf(stage)} ${unit}`,
        `at most ${max} (limits.${key})`,
        `lower it, or raise limits.${key}`,
      ),
    );
  }
  if (model.kind === 'open' && model.maxUsers > limits.maxUsers) {
    out.push(
      problem(
        [...at, 'maxUsers'],
        `${model.maxUsers} users`,
        `at most ${limits.maxUsers} (limits.maxUsers)`,
        'lower it, or raise limits.maxUsers',
      ),
    );
  }
  const total = scenario.stages.reduce((sum, stage) => sum + stage.durationMs, 0);
  if (total > limits.maxDurationMs) {
    out.push(
      problem(
        [...at, 'stages'],
        `stages of ${durationText(total)} together`,
        `at most ${durationText(limits.maxDurationMs)} (limits.maxDuration)`,
        'shorten them, or raise limits.maxDuration',
      ),
    );
  }
  return out;
}
