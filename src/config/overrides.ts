import { SoakError } from '../core/errors.ts';
import type { Overrides } from '../core/overrides.ts';
import { peakOf } from '../core/peak.ts';
import type { Limits, Scenario } from '../core/scenario.ts';
import { durationText } from './schema/scalars.ts';

/** Keys of a request that starts a run; the flags of `soakd run` have the same names. */
export type OverrideKey = 'users' | 'rate' | 'for' | 'warmUp' | 'seed' | 'maxStreams';

interface Issue {
  readonly code: 'USAGE' | 'LIMIT_EXCEEDED';
  readonly line: string;
}

/**
 * Returns the scenario of one run. `users`, `rate` and `for` replace all stages by one constant level: the given level,
 * or the peak of the scenario; for the given time, or the duration of all stages. All other settings stay.
 * @param overrides each within the range of its type
 * @param nameOf returns the name of a key in messages
 * @throws SoakError USAGE (the key does not fit the scenario) or LIMIT_EXCEEDED, with a line for each issue
 */
export function overrideScenario(
  scenario: Scenario,
  overrides: Overrides,
  limits: Limits,
  nameOf: (key: OverrideKey) => string = (key) => key,
): Scenario {
  const issues = [
    ...levelIssues(scenario, overrides, limits, nameOf),
    ...durationIssues(scenario, overrides, limits, nameOf),
    ...budgetIssues(scenario, overrides, nameOf),
  ];
  if (issues.length > 0) {
    const lines = issues.map(({ line }) => line);
    const code = issues.some((issue) => issue.code === 'USAGE') ? 'USAGE' : 'LIMIT_EXCEEDED';
    throw new SoakError(code, lines[0]!, lines);
  }
  const { users, rate, forMs, warmUpMs, seed, maxStreams } = overrides;
  const text = overridesText(overrides);
  if (text === '') return scenario;
  const level = users ?? rate;
  const isHeld = level !== undefined || forMs !== undefined;
  return {
    ...scenario,
    ...(isHeld && {
      stages: [{ shape: 'hold', level: level ?? peak(scenario), durationMs: runMs(scenario, overrides) }],
    }),
    ...(warmUpMs !== undefined && { warmUpMs }),
    ...(seed !== undefined && { seed }),
    ...(maxStreams !== undefined && { budget: { ...scenario.budget, streams: maxStreams } }),
    overrides: text,
  };
}

/** Formats overrides as `users 50, for 1m`; empty without any. */
export function overridesText(overrides: Overrides): string {
  const { users, rate, forMs, warmUpMs, seed, maxStreams } = overrides;
  const texts: Readonly<Record<OverrideKey, string | number | undefined>> = {
    users,
    rate,
    for: forMs === undefined ? undefined : durationText(forMs),
    warmUp: warmUpMs === undefined ? undefined : durationText(warmUpMs),
    seed,
    maxStreams,
  };
  return Object.entries(texts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ');
}

function peak({ stages }: Scenario): number {
  return Math.max(...stages.map(peakOf));
}

function runMs({ stages }: Scenario, { forMs }: Overrides): number {
  return forMs ?? stages.reduce((sum, stage) => sum + stage.durationMs, 0);
}

type NameOf = (key: OverrideKey) => string;

function levelIssues(
  { name, model }: Scenario,
  { users, rate }: Overrides,
  { maxUsers, maxRate }: Limits,
  nameOf: NameOf,
): Issue[] {
  const issues: Issue[] = [];
  if (users !== undefined && model.kind === 'open') {
    issues.push({
      code: 'USAGE',
      line:
        `${nameOf('users')}: found ${users} for scenario ${name}, which has the open model, expected ` +
        `${nameOf('rate')}; use ${nameOf('rate')} with streams a second, at most ${maxRate} (limits.maxRate), ` +
        `its maxUsers stays ${model.maxUsers}`,
    });
  } else if (users !== undefined && users > maxUsers)
    issues.push(overLimit(nameOf('users'), `${users} users`, `${maxUsers}`, 'limits.maxUsers'));
  if (rate !== undefined && model.kind === 'closed') {
    issues.push({
      code: 'USAGE',
      line:
        `${nameOf('rate')}: found ${rate} for scenario ${name}, which has the closed model, expected ` +
        `${nameOf('users')}; use ${nameOf('users')} with virtual users, at most ${maxUsers} (limits.maxUsers)`,
    });
  } else if (rate !== undefined && rate > maxRate)
    issues.push(overLimit(nameOf('rate'), `${rate} streams a second`, `${maxRate}`, 'limits.maxRate'));
  return issues;
}

function durationIssues(
  scenario: Scenario,
  overrides: Overrides,
  { maxDurationMs }: Limits,
  nameOf: NameOf,
): Issue[] {
  const { forMs, warmUpMs } = overrides;
  const wholeMs = runMs(scenario, overrides);
  const issues: Issue[] = [];
  if (forMs !== undefined && forMs > maxDurationMs) {
    const most = durationText(maxDurationMs);
    issues.push(overLimit(nameOf('for'), durationText(forMs), most, 'limits.maxDuration'));
  }
  if (warmUpMs !== undefined && warmUpMs > 0 && warmUpMs >= wholeMs) {
    issues.push({
      code: 'USAGE',
      line:
        `${nameOf('warmUp')}: found ${durationText(warmUpMs)}, expected less than the run ` +
        `(${durationText(wholeMs)}); shorten it, or set a longer ${nameOf('for')}`,
    });
  } else if (warmUpMs === undefined && forMs !== undefined && scenario.warmUpMs >= forMs) {
    issues.push({
      code: 'USAGE',
      line:
        `${nameOf('for')}: found ${durationText(forMs)}, expected more than warmUp of scenario ${scenario.name} ` +
        `(${durationText(scenario.warmUpMs)}); lengthen it, or set a shorter ${nameOf('warmUp')}`,
    });
  }
  return issues;
}

/** A budget protects money: a run may lower it, and only the configuration raises it. */
function budgetIssues({ name, budget }: Scenario, { maxStreams }: Overrides, nameOf: NameOf): Issue[] {
  const most = budget?.streams;
  if (maxStreams === undefined || most === undefined || maxStreams <= most) return [];
  const key = `budget.streams of scenario ${name}`;
  return [overLimit(nameOf('maxStreams'), `${maxStreams} streams`, `${most}`, key)];
}

function overLimit(name: string, found: string, most: string, limit: string): Issue {
  const line = `${name}: found ${found}, expected at most ${most} (${limit}); lower it, or raise ${limit}`;
  return { code: 'LIMIT_EXCEEDED', line };
}
