import { buildAllowlist, faultOfAllowEntry, normalizeHost } from '../core/allow.ts';
import type { Limits } from '../core/scenario.ts';
import { isMapping, list, quote, valueAt } from './describe.ts';
import { adviseName } from './nearest.ts';
import type { Path, Problem } from './problem.ts';
import { Fault } from './schema/combinators.ts';
import { readUrl } from './schema/http.ts';
import { durationText } from './schema/scalars.ts';
import { peakOf, type ScenarioDraft } from './schema/scenario.ts';

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
  const start = valueAt(data, ['serve', 'start']);
  const all = valueAt(data, ['scenarios']);
  if (typeof start !== 'string' || !isMapping(all) || Object.hasOwn(all, start)) return [];
  const known = Object.keys(all);
  return known.length === 0
    ? []
    : [
        problem(
          ['serve', 'start'],
          quote(start),
          oneOf('scenario', known),
          adviseName(start, known, 'add it to scenarios:'),
        ),
      ];
}

function refusedHosts(data: unknown): Problem[] {
  const allow = valueAt(data, ['allow']) ?? [];
  const targets = valueAt(data, ['targets']);
  if (!Array.isArray(targets) || !Array.isArray(allow)) return [];
  const sound = allow.every((e) => typeof e === 'string' && faultOfAllowEntry(e) === undefined);
  // A slip in the list is the likelier cause of a refusal, and is reported already.
  if (!sound) return [];
  const allowlist = buildAllowlist(allow as string[]);
  return targets.flatMap((target: unknown, i) => {
    const url = valueAt(target, ['url']);
    const read = readUrl(url);
    if (read instanceof Fault || allowlist.judgeHost(read.hostname) !== 'no') return [];
    const host = normalizeHost(read.hostname);
    return problem(
      ['targets', i, 'url'],
      `the host ${quote(host)}`,
      'loopback or a host that allow names',
      `add ${host} to allow:, if you may load it`,
      'allow',
    );
  });
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
