import { createHash } from 'node:crypto';
import type { Config, Scenario } from '../core/scenario.ts';
import { publicUrl } from '../core/shown-url.ts';
import type { Target } from '../core/target.ts';
import type { SetupSummary } from '../schema/setup.ts';

type ChangedSetting = SetupSummary['changed'][number];

/** Facts that the composition root adds to a summary. */
export interface SetupFacts {
  readonly soakd: SetupSummary['soakd'];
  readonly command: string | null;
  readonly machine: SetupSummary['machine'];
  /** Configuration of the same targets with all defaults; absent if there is none to compare with. */
  readonly defaults: Config | undefined;
}

/** Returns the setup of a run. */
export function setupSummary(config: Config, scenario: Scenario, facts: SetupFacts): SetupSummary {
  const { soakd, command, machine, defaults } = facts;
  const { model, stages, sequence, warmUpMs, seed, budget } = scenario;
  const targets = scenario.targets.map(({ name, weight }) => ({
    weight,
    target: config.targets.find((t) => t.name === name)!,
  }));
  return {
    soakd,
    command,
    configurationHash: createHash('sha256').update(canonical(config)).digest('hex'),
    machine,
    model,
    stages,
    sequence: sequence ?? null,
    warmUpMs,
    seed,
    budget: budget ?? null,
    targets: targets.map(({ target, weight }) => ({
      name: target.name,
      url: urlOf(target),
      format: target.format,
      transport: target.transport ?? null,
      weight,
      labels: target.labels,
      timeouts: target.timeouts,
      objective: target.objective ?? null,
    })),
    changed: defaults === undefined ? [] : changedSettings(config, scenario, defaults),
  };
}

/** Returns the URL of a target without secrets. */
function urlOf({ endpoint }: Pick<Target, 'endpoint'>): string {
  return endpoint.kind === 'url' ? publicUrl(endpoint.url) : 'simulator';
}

/** Serializes with sorted keys, so that equal configurations have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

/** Settings of a target whose values are shown; other settings show only `set`. */
const SHOWN_OF_TARGET = [
  'method',
  'terminal',
  'error',
  'maxEventBytes',
  'expect',
  'timeouts',
  'connection',
  'http2',
  'transport',
  'keepTailBytes',
] as const satisfies readonly (keyof Target)[];
const HIDDEN_OF_TARGET = [
  'headers',
  'body',
  'tls',
  'proxy',
  'auth',
  'names',
  'socketPath',
  'memory',
] as const satisfies readonly (keyof Target)[];
const SHOWN_OF_CONFIG = [
  'workers',
  'maxMeasurementLagMs',
  'limits',
] as const satisfies readonly (keyof Config)[];
/** Maximum of listed settings. */
const MAX_CHANGED = 200;

function changedSettings(config: Config, { targets }: Scenario, defaults: Config): ChangedSetting[] {
  const changed: ChangedSetting[] = SHOWN_OF_CONFIG.flatMap((key) =>
    compare(key, config[key], defaults[key]),
  );
  changed.push(...thresholdSettings('thresholds', config.thresholds));
  for (const { name } of targets) {
    const own = config.targets.find((t) => t.name === name)!;
    const usual = defaults.targets.find((t) => t.name === name);
    if (usual === undefined) continue;
    const prefix = `targets.${name}`;
    for (const key of SHOWN_OF_TARGET) changed.push(...compare(`${prefix}.${key}`, own[key], usual[key]));
    for (const key of HIDDEN_OF_TARGET)
      if (canonical(own[key] ?? null) !== canonical(usual[key] ?? null))
        changed.push({ key: `${prefix}.${key}`, value: 'set', default: null });
    changed.push(...thresholdSettings(`${prefix}.thresholds`, own.thresholds));
  }
  return changed.slice(0, MAX_CHANGED);
}

function thresholdSettings(prefix: string, thresholds: Target['thresholds']): ChangedSetting[] {
  return thresholds.flatMap((threshold) => {
    const { limit } = threshold;
    return limit === undefined ? [] : [{ key: `${prefix}.${threshold.id}`, value: limit, default: null }];
  });
}

type Plain = string | number | boolean;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function compare(key: string, value: unknown, usual: unknown): ChangedSetting[] {
  if (value === undefined || value === usual) return [];
  if (isPlain(value)) return [{ key, value, default: isPlain(usual) ? usual : null }];
  if (typeof value !== 'object' || value === null) return [];
  const before = typeof usual === 'object' && usual !== null ? (usual as Record<string, unknown>) : {};
  return Object.entries(value).flatMap(([step, inner]) => compare(`${key}.${step}`, inner, before[step]));
}
