import type { SetupSummary } from '../schema/setup.ts';
import type { Summary } from '../schema/summary.ts';
import type { ConfigurationDifference } from './comparison.ts';

/** Facts by their paths. */
type Facts = Map<string, string>;

/** Returns the settings, versions and facts of the machine in which two runs differ, in the order of the summary. */
export function configurationDifferences(a: Summary, b: Summary): ConfigurationDifference[] {
  const [of, other] = [factsOf(a), factsOf(b)];
  const keys = new Set([...of.keys(), ...other.keys()]);
  const differences = [...keys]
    .filter((key) => of.get(key) !== other.get(key))
    .map((key) => ({ key, a: of.get(key) ?? null, b: other.get(key) ?? null }));
  const isHidden = differences.every(({ key }) => /^(soakd|machine|scenario)\b/.test(key));
  if (a.setup.configurationHash === b.setup.configurationHash || !isHidden) return differences;
  // Something that the summary does not show: a header, a prompt, another target of the same file.
  const hashes = [a, b].map(({ setup }) => setup.configurationHash.slice(0, 12)) as [string, string];
  return [...differences, { key: 'configurationHash', a: hashes[0], b: hashes[1] }];
}

function factsOf({ setup, run, thresholds }: Summary): Facts {
  const facts: Facts = new Map([['scenario', run.scenario]]);
  const { soakd, machine, model, stages, sequence, warmUpMs, seed, budget, targets, changed } = setup;
  const { loadAverage: _, ...host } = machine;
  flatten(facts, 'soakd', soakd);
  flatten(facts, 'machine', host);
  flatten(facts, 'model', model);
  stages.forEach((stage, i) => {
    facts.set(`stages.${i}`, stageText(stage));
  });
  flatten(facts, '', { sequence, warmUpMs, seed, budget });
  for (const { name, ...target } of targets) flatten(facts, `targets.${name}`, target);
  for (const { key, value } of changed) facts.set(key, String(value));
  for (const { target, threshold, limit, unit } of thresholds)
    facts.set(`targets.${target}.thresholds.${threshold}`, `${limit}${unit === 'ms' ? 'ms' : ''}`);
  return facts;
}

function stageText({ durationMs, ...stage }: SetupSummary['stages'][number]): string {
  const rest = Object.entries(stage).map(([key, value]) => (key === 'shape' ? value : `${key} ${value}`));
  return `${rest.join(' ')} for ${durationMs / 1000}s`;
}

function flatten(facts: Facts, prefix: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') {
    facts.set(prefix, String(value));
    return;
  }
  for (const [key, inner] of Object.entries(value))
    flatten(facts, prefix === '' ? key : `${prefix}.${key}`, inner);
}
