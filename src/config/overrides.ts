import { SoakError } from '../core/errors.ts';
import type { Overrides } from '../core/overrides.ts';
import type { Limits, Scenario } from '../core/scenario.ts';
import { turnMs, withStages } from '../core/sequence.ts';
import type { Stage } from '../shapes/list.ts';
import { peakOf } from '../shapes/list.ts';
import { durationText } from './schema/scalars.ts';

/** Keys of a request that starts a run; the flags of `soakd run` have the same names. */
export type OverrideKey = 'users' | 'rate' | 'for' | 'ramp' | 'warmUp' | 'seed' | 'maxStreams';

interface Issue {
  readonly code: 'USAGE' | 'LIMIT_EXCEEDED';
  readonly line: string;
}

/**
 * Returns the scenario of one run. `users`, `rate`, `for` and `ramp` replace all stages by one constant level: the given
 * level, or the peak of the scenario; for the given time, or the duration of all stages; after a rise from 0 where there is
 * a ramp. All other settings stay.
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
  const { users, rate, forMs, rampMs, warmUpMs, seed, maxStreams } = overrides;
  const text = overridesText(overrides);
  if (text === '') return scenario;
  const isHeld = [users, rate, forMs, rampMs].some((value) => value !== undefined);
  return {
    ...scenario,
    ...(isHeld && {
      stages: withStages(scenario, stagesOf(scenario, overrides)),
    }),
    ...(warmUpMs !== undefined && { warmUpMs }),
    ...(seed !== undefined && { seed }),
    ...(maxStreams !== undefined && { budget: { ...scenario.budget, streams: maxStreams } }),
    overrides: text,
  };
}

/** Formats overrides as `users 50, for 1m`; empty without any. */
export function overridesText(overrides: Overrides): string {
  const { users, rate, forMs, rampMs, warmUpMs, seed, maxStreams } = overrides;
  const texts: Readonly<Record<OverrideKey, string | number | undefined>> = {
    users,
    rate,
    for: forMs === undefined ? undefined : durationText(forMs),
    ramp: rampMs === undefined ? undefined : durationText(rampMs),
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

function stagesOf(scenario: Scenario, overrides: Overrides): Stage[] {
  const { users, rate, rampMs } = overrides;
  const level = users ?? rate ?? peak(scenario);
  return [
    ...(rampMs === undefined ? [] : [{ shape: 'ramp', from: 0, to: level, durationMs: rampMs } as const]),
    { shape: 'hold', level, durationMs: heldMs(scenario, overrides) },
  ];
}

/** Returns how long each target is loaded. */
function loadedMs(scenario: Scenario, overrides: Overrides): number {
  return (overrides.rampMs ?? 0) + heldMs(scenario, overrides);
}

/** Returns the length of the plan: with a sequence, of all turns and the pauses between them. */
function runMs(scenario: Scenario, overrides: Overrides): number {
  const { targets, sequence } = scenario;
  const turns = sequence === undefined ? 1 : targets.length;
  return turns * loadedMs(scenario, overrides) + (turns - 1) * (sequence?.pauseMs ?? 0);
}

/** Without the ramp. */
function heldMs(scenario: Scenario, { forMs }: Overrides): number {
  return forMs ?? turnMs(scenario);
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
  const { forMs, rampMs, warmUpMs } = overrides;
  const wholeMs = runMs(scenario, overrides);
  const eachMs = loadedMs(scenario, overrides);
  const each = scenario.sequence === undefined ? 'the run' : 'the turn of each target';
  const issues: Issue[] = [];
  if (forMs !== undefined && (forMs > maxDurationMs || (rampMs === undefined && wholeMs > maxDurationMs))) {
    const most = durationText(maxDurationMs);
    const whole = forMs > maxDurationMs ? '' : `, with which the run takes ${durationText(wholeMs)}`;
    issues.push(overLimit(nameOf('for'), `${durationText(forMs)}${whole}`, most, 'limits.maxDuration'));
  } else if (rampMs !== undefined && wholeMs > maxDurationMs) {
    const found = `${durationText(rampMs)}, with which the run takes ${durationText(wholeMs)}`;
    issues.push(overLimit(nameOf('ramp'), found, durationText(maxDurationMs), 'limits.maxDuration'));
  }
  if (warmUpMs !== undefined && warmUpMs > 0 && warmUpMs >= eachMs) {
    issues.push({
      code: 'USAGE',
      line:
        `${nameOf('warmUp')}: found ${durationText(warmUpMs)}, expected less than ${each} ` +
        `(${durationText(eachMs)}); shorten it, or set a longer ${nameOf('for')}`,
    });
  } else if (warmUpMs === undefined && forMs !== undefined && scenario.warmUpMs >= eachMs) {
    issues.push({
      code: 'USAGE',
      line:
        `${nameOf('for')}: found ${durationText(forMs)}${rampMs === undefined ? '' : ` and ${nameOf('ramp')} ${durationText(rampMs)}`}, expected more than warmUp of scenario ${scenario.name} ` +
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
