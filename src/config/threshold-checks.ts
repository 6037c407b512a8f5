import type { Objective, TargetThreshold, Timeouts } from '../core/target.ts';
import { TIMING_NAMES, timingRecord } from '../measures/list.ts';
import { THRESHOLDS } from '../thresholds/table.ts';
import { limitOf, type Settings, type Threshold } from '../thresholds/threshold.ts';
import { budgetOf } from '../thresholds/watch.ts';
import { describe, isMapping, quote, valueAt } from './describe.ts';
import { type Path, type Problem, problem } from './problem.ts';
import type { ValidParts } from './schema/root.ts';
import { durationText } from './schema/scalars.ts';
import { exampleOf, writtenLimit } from './schema/threshold-limit.ts';
import { thresholdsOf } from './schema/thresholds.ts';

/** What of a target is right in itself. */
interface TargetLimits {
  readonly index: number;
  readonly name: string;
  readonly thresholds: readonly TargetThreshold[];
  /** Absent: wrong in themselves. */
  readonly timeouts: Timeouts | undefined;
  readonly objective: Objective | undefined;
}

/** What is wrong with limits that are each right in themselves. */
export function thresholdProblems(data: unknown, valid: ValidParts): Problem[] {
  const common = thresholdsOf(valid.thresholds);
  const targets = (valid.targets ?? []).map(
    ({ name, timeouts, objective, thresholds } = {}, index): TargetLimits => ({
      index,
      name: name ?? `targets[${index}]`,
      thresholds: thresholdsOf(thresholds),
      timeouts,
      objective,
    }),
  );
  const scopes: Scope[] = [
    { at: ['thresholds'], here: common, of: targets, common },
    ...targets.map((target) => ({
      at: ['targets', target.index, 'thresholds'],
      here: target.thresholds,
      of: [target],
      common,
    })),
  ];
  return [
    ...scopes.flatMap((scope) => [
      ...abortsWithoutLimit(data, scope),
      ...contradictions(data, scope),
      ...beyondTimeouts(data, scope),
      ...beyondEveryFailure(data, scope),
    ]),
    ...beyondObjectives(data, targets),
    ...missingObjectives(data, common, targets),
  ];
}

/** Thresholds that stand together: those of all targets, or of one. */
interface Scope {
  readonly at: Path;
  readonly here: readonly TargetThreshold[];
  /** The targets that they are for. */
  readonly of: readonly TargetLimits[];
  readonly common: readonly TargetThreshold[];
}

const named = (id: string): Threshold => THRESHOLDS.find((t) => t.id === id)!;

const settingsOf = (target: TargetLimits, { common }: Pick<Scope, 'common'>): Settings => ({
  own: target.thresholds,
  common,
});

const setIn = (thresholds: readonly TargetThreshold[], id: string): number | 'off' | undefined =>
  thresholds.find((t) => t.id === id)?.limit;

/** @returns the targets whose limit is the one that stands in this scope */
function boundBy({ at, of }: Scope, id: string): readonly TargetLimits[] {
  return at.length > 1 ? of : of.filter((target) => setIn(target.thresholds, id) === undefined);
}

/** @returns where the limit of a threshold stands */
function placeOf(data: unknown, at: Path, id: string): Path {
  return isMapping(valueAt(data, [...at, id])) ? [...at, id, 'limit'] : [...at, id];
}

/** @returns ` of the target "a"`, of one of several or of some; nothing for the only one */
export function ofTarget(data: unknown, names: readonly string[]): string {
  const all = valueAt(data, ['targets']);
  if (!Array.isArray(all) || all.length < 2) return '';
  if (names.length === all.length) return ' of every target';
  return ` of the target${names.length === 1 ? '' : 's'} ${names.map(quote).join(', ')}`;
}

function abortsWithoutLimit(data: unknown, scope: Scope): Problem[] {
  return scope.here.flatMap(({ id, abort, limit }) => {
    const isOff = (target: TargetLimits): boolean =>
      limitOf(named(id), THRESHOLDS, settingsOf(target, scope)) === 'off';
    if (abort !== true || scope.of.length === 0 || !scope.of.every(isOff)) return [];
    const whose = scope.at.length > 1 ? ofTarget(data, [scope.of[0]!.name]) : '';
    return problem(
      [...scope.at, id, 'abort'],
      `abort without a limit${whose}`,
      limit === 'off'
        ? 'a limit instead of off, since abort needs one'
        : 'a limit, since abort needs one and it is off by default',
      `write for example { limit: ${exampleOf(named(id))}, abort: true }`,
    );
  });
}

/** Thresholds of one measure of which the second is the more serious, so that it must not be the stricter. */
const RANKED: readonly (readonly [Threshold, Threshold])[] = THRESHOLDS.flatMap((serious) => {
  const pairs: [Threshold, Threshold][] = [];
  for (let id = serious.follows; id !== undefined; id = named(id).follows) {
    const lesser = named(id);
    const isComparable = lesser.statistic === serious.statistic || serious.unit === 'streams';
    if (lesser.metric === serious.metric && isComparable) pairs.push([lesser, serious]);
  }
  return pairs;
});

function contradictions(data: unknown, { at, here, of, common }: Scope): Problem[] {
  return RANKED.flatMap(([lesser, serious]) => {
    const own = [lesser, serious].filter((t) => setIn(here, t.id) !== undefined);
    const [low, high] = [lesser, serious].map((t) => setIn(here, t.id) ?? setIn(common, t.id));
    if (own.length === 0 || typeof low !== 'number' || typeof high !== 'number') return [];
    const isBelow = serious.op === '<';
    if (isBelow ? high <= low : high >= low) return [];
    const [written, other] = own.includes(serious) ? [serious, lesser] : [lesser, serious];
    const bound = writtenLimit(written === serious ? low : high, other);
    // Whether the one that is pointed at must go down.
    const down = (written === serious) === isBelow;
    const whose = at.length > 1 ? ofTarget(data, [of[0]!.name]) : '';
    return problem(
      placeOf(data, at, written.id),
      `${writtenLimit(written === serious ? high : low, written)} for ${written.id}${whose}`,
      `at ${down ? 'most' : 'least'} the ${bound} of ${other.id}, since ${serious.id} is the more serious`,
      `${down ? 'lower' : 'raise'} it, or ${down ? 'raise' : 'lower'} ${other.id}`,
    );
  });
}

const KEYS = { connect: 'connectMs', ttfb: 'ttfbMs', total: 'totalMs' } as const;

/** A stream that a timeout ends cannot take longer. */
function beyondTimeouts(data: unknown, scope: Scope): Problem[] {
  return scope.here.flatMap(({ id, limit }) => {
    const timing = TIMING_NAMES.find((name) => name === named(id).metric);
    const key = timing === undefined ? undefined : timingRecord(timing).endedBy;
    if (key === undefined || typeof limit !== 'number') return [];
    const bound = boundBy(scope, id);
    const longest = bound.map(({ timeouts }) => timeouts?.[KEYS[key]] ?? Number.POSITIVE_INFINITY);
    if (bound.length === 0 || limit <= Math.max(...longest)) return [];
    const place = placeOf(data, scope.at, id);
    return beyondTimeout(data, place, key, Math.max(...longest), bound);
  });
}

function beyondTimeout(
  data: unknown,
  path: Path,
  key: keyof typeof KEYS,
  longestMs: number,
  targets: readonly TargetLimits[],
): Problem {
  const isDefault = targets.every(
    ({ index }) => valueAt(data, ['targets', index, 'timeouts', key]) === undefined,
  );
  const whose = ofTarget(
    data,
    targets.map((t) => t.name),
  );
  const text = `${durationText(longestMs)}${isDefault ? ' by default' : ''}`;
  const parts = (timeout: string) => ({
    expected: `at most ${timeout}${whose} (${text}), which ends a stream before it takes longer`,
    advice: `lower it, or raise ${timeout}`,
  });
  const { expected, advice } = parts(`timeouts.${key}`);
  const found = describe(valueAt(data, path), path);
  return problem(path, found, expected, advice, 'invalid', parts(`--${key}-timeout`));
}

/** A budget can be used up no faster than by the failure of every stream. */
function beyondEveryFailure(data: unknown, scope: Scope): Problem[] {
  return scope.here.flatMap(({ id, limit }) => {
    if (named(id).statistic !== 'burn' || typeof limit !== 'number') return [];
    const bound = boundBy(scope, id);
    const fastest = bound.map((target) => 1 / budgetOf(settingsOf(target, scope)));
    if (bound.length === 0 || limit < Math.max(...fastest)) return [];
    const place = placeOf(data, scope.at, id);
    const most = Number(Math.max(...fastest).toPrecision(6));
    return problem(
      place,
      describe(valueAt(data, place), place),
      `below ${most}, which is reached where every stream fails, since success-objective leaves ${Number((100 / most).toPrecision(6))}% of them`,
      'lower it, or raise success-objective',
    );
  });
}

/** No part of a stream takes longer than all of it may. */
function beyondObjectives(data: unknown, targets: readonly TargetLimits[]): Problem[] {
  return targets.flatMap((target) => {
    const { index, timeouts } = target;
    return (['ttft', 'maxGap', 'tpot', 'duration'] as const).flatMap((key) => {
      const path: Path = ['targets', index, 'objective', key];
      const limit = target.objective?.[`${key}Ms`];
      if (timeouts === undefined || limit === undefined || limit <= timeouts.totalMs) return [];
      return beyondTimeout(data, path, 'total', timeouts.totalMs, [target]);
    });
  });
}

/** A limit of goodput needs something that is good. */
function missingObjectives(
  data: unknown,
  common: readonly TargetThreshold[],
  targets: readonly TargetLimits[],
): Problem[] {
  const without = targets.filter(({ index }) => valueAt(data, ['targets', index, 'objective']) === undefined);
  const isSet = (thresholds: readonly TargetThreshold[]): boolean =>
    typeof setIn(thresholds, 'goodput') === 'number';
  const byCommon = without.filter((t) => isSet(common) && setIn(t.thresholds, 'goodput') === undefined);
  const groups: [Path, readonly TargetLimits[]][] = [
    [['thresholds'], byCommon],
    ...without
      .filter((t) => isSet(t.thresholds))
      .map((t): [Path, TargetLimits[]] => [['targets', t.index, 'thresholds'], [t]]),
  ];
  return groups.flatMap(([at, of]) => {
    if (of.length === 0) return [];
    const names = of.map((t) => quote(t.name)).join(', ');
    return problem(
      placeOf(data, at, 'goodput'),
      `a limit of goodput for ${names}, which ${of.length === 1 ? 'has' : 'have'} no objective`,
      of.length === 1 ? 'an objective of the target' : 'an objective of each target',
      `add objective: { ttft: 2s } to ${of.length === 1 ? 'it' : 'them'}, or set goodput: off in ${of.length === 1 ? 'its' : 'their'} thresholds`,
      'invalid',
      { advice: 'use a configuration file, where a target has an objective:' },
    );
  });
}
