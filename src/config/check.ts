import { resolve } from 'node:path';
import type { Config, Limits, Scenario, SecretText, Target } from '../core/scenario.ts';
import { tokenProblems } from './access.ts';
import { crossCheck } from './cross-checks.ts';
import { isMapping, valueAt } from './describe.ts';
import { deepFreeze } from './freeze.ts';
import { problemsOf } from './issues.ts';
import { firstOfEachPlace, type Path, type Problem } from './problem.ts';
import { type ReadFile, readPrompts } from './prompts.ts';
import { absoluteReach, reachProblems } from './reach-files.ts';
import { withoutReferences } from './references.ts';
import { HEADER_VALUE } from './schema/http.ts';
import { limits as limitsSchema, root } from './schema/root.ts';
import { type ScenarioDraft, scenario as scenarioSchema } from './schema/scenario.ts';
import { type ServeDraft, serve as serveSchema } from './schema/serve.ts';
import { type TargetDraft, target as targetSchema } from './schema/target.ts';
import { missingSecrets, resolveSecret, type SecretSource } from './secrets.ts';

/** What a check may look at besides the data. */
export interface Surroundings {
  /** Directory that paths in the configuration are relative to. */
  readonly baseDir: string;
  readonly readFile: ReadFile;
  /** Absent: references are not looked up. */
  readonly secrets?: SecretSource | undefined;
}

export type Checked = { readonly config: Config } | { readonly problems: readonly Problem[] };

/**
 * The one road from data to a configuration, whether they came from a file or from flags.
 * @param known problems of the data that were found before
 */
export function check(written: unknown, around: Surroundings, known: readonly Problem[] = []): Checked {
  const { data, problems: misplaced } = withoutReferences(written);
  const parsed = root.safeParse(data);
  const issues = parsed.success ? [] : problemsOf(parsed.error.issues, data);
  const sound = soundParts(data, around.baseDir);
  const prompts = new Map<number, readonly string[]>();
  const outside = [...sound.targets].flatMap(([i, target]) => [
    ...loadPrompts(i, target, around, prompts),
    ...(around.secrets === undefined
      ? []
      : checkSecrets(['targets', i], withAbsolutePaths(target, around.baseDir), around.secrets, data)),
  ]);
  const problems = firstOfEachPlace([
    ...known,
    ...misplaced,
    ...issues,
    ...crossCheck(data, sound.scenarios, sound.limits),
    ...outside,
    ...(around.secrets === undefined ? [] : tokenProblems(sound.tokens, around.secrets)),
  ]);
  if (problems.length > 0 || !parsed.success) return { problems };

  const value = parsed.data;
  const labelNames = [...new Set(value.targets.flatMap((t) => Object.keys(t.labels)))].sort();
  const config: Config = {
    serve: serveOf(value.serve, around.baseDir),
    targets: value.targets.map(
      (draft, i): Target => ({
        ...withAbsolutePaths(draft, around.baseDir),
        prompts: prompts.get(i) ?? [],
        // Series of one metric must have the same labels.
        labels: Object.fromEntries(labelNames.map((name) => [name, draft.labels[name] ?? ''])),
      }),
    ),
    scenarios: scenariosOf(value.scenarios),
    schedules: Object.entries(value.schedules).map(([name, schedule]) => ({ name, ...schedule })),
    thresholds: value.thresholds,
    allow: value.allow,
    limits: limitsOf(value.limits),
    workers: value.workers,
    maxMeasurementLagMs: value.maxMeasurementLag,
  };
  return { config: deepFreeze(config) };
}

/** Without a prototype: `scenarios[name]` with a name from outside must never find `constructor`. */
function scenariosOf(drafts: Readonly<Record<string, ScenarioDraft>>): Record<string, Scenario> {
  const scenarios: Record<string, Scenario> = Object.create(null);
  for (const [name, { levelKeys: _, ...scenario }] of Object.entries(drafts))
    scenarios[name] = { name, ...scenario };
  return scenarios;
}

function serveOf({ start, ...rest }: ServeDraft, baseDir: string): Config['serve'] {
  const tokens = rest.tokens.map((token) => ({ ...token, token: absolute(token.token, baseDir) }));
  return { ...rest, tokens, ...(start === undefined ? {} : { start }) };
}

const limitsOf = ({
  maxDuration,
  ...rest
}: {
  maxUsers: number;
  maxRate: number;
  maxDuration: number;
}): Limits => ({
  ...rest,
  maxDurationMs: maxDuration,
});

interface SoundParts {
  readonly targets: ReadonlyMap<number, TargetDraft>;
  readonly scenarios: ReadonlyMap<string, ScenarioDraft>;
  readonly limits: Limits | undefined;
  readonly tokens: Config['serve']['tokens'];
}

/** Each part that is right in itself, whatever the others are: so that all mistakes show at once. */
function soundParts(data: unknown, baseDir: string): SoundParts {
  const targets = new Map<number, TargetDraft>();
  const all = valueAt(data, ['targets']);
  for (const [i, item] of (Array.isArray(all) ? all : []).entries()) {
    const result = targetSchema.safeParse(item);
    if (result.success) targets.set(i, result.data);
  }
  const scenarios = new Map<string, ScenarioDraft>();
  const named = valueAt(data, ['scenarios']);
  for (const [name, item] of Object.entries(isMapping(named) ? named : {})) {
    const result = scenarioSchema.safeParse(item);
    if (result.success) scenarios.set(name, result.data);
  }
  const limits = limitsSchema.safeParse(valueAt(data, ['limits']) ?? {});
  const serve = serveSchema.safeParse(valueAt(data, ['serve']) ?? {});
  return {
    targets,
    scenarios,
    limits: limits.success ? limitsOf(limits.data) : undefined,
    tokens: serve.success ? serveOf(serve.data, baseDir).tokens : [],
  };
}

function loadPrompts(
  i: number,
  target: TargetDraft,
  around: Surroundings,
  into: Map<number, readonly string[]>,
): Problem[] {
  const { prompts } = target;
  if (!('file' in prompts)) {
    into.set(i, prompts);
    return [];
  }
  const read = readPrompts(resolve(around.baseDir, prompts.file), prompts.file, around.readFile);
  if (!('found' in read)) {
    into.set(i, read);
    return [];
  }
  return [{ kind: 'invalid', path: ['targets', i, 'prompts', 'file'], at: 'value', ...read }];
}

function absolute(text: SecretText, baseDir: string): SecretText {
  return text.map((part) =>
    typeof part !== 'string' && 'file' in part ? { file: resolve(baseDir, part.file) } : part,
  );
}

function withAbsolutePaths(target: TargetDraft, baseDir: string): TargetDraft {
  const headers = Object.fromEntries(
    Object.entries(target.headers).map(([name, value]) => [name, absolute(value, baseDir)]),
  );
  return {
    ...target,
    headers,
    ...(target.body === undefined
      ? {}
      : { body: { ...target.body, text: absolute(target.body.text, baseDir) } }),
    ...absoluteReach(target, baseDir),
  };
}

/** Messages name a reference, never its value. */
function checkSecrets(at: Path, target: TargetDraft, from: SecretSource, data: unknown): Problem[] {
  const written = Object.keys(valueAt(data, [...at, 'headers']) ?? {});
  const asWritten = (lower: string): string => written.find((name) => name.toLowerCase() === lower) ?? lower;
  const texts: [Path, SecretText, boolean][] = Object.entries(target.headers).map(([name, text]) => [
    [...at, 'headers', asWritten(name)],
    text,
    true,
  ]);
  if (target.body !== undefined) texts.push([[...at, 'body'], target.body.text, false]);
  const ofTexts = texts.flatMap(([path, text, isHeader]): Problem[] => {
    const missing = missingSecrets(text, from);
    if (missing.length > 0) {
      const found = `${missing.join(', ')} unset, empty or unreadable`;
      return [
        {
          kind: 'secret',
          path,
          at: 'value',
          found,
          expected: 'a secret with a value',
          advice: 'set it before soakd starts',
        },
      ];
    }
    if (!isHeader || HEADER_VALUE.test(resolveSecret(text, from))) return [];
    const found = 'a secret with a character that headers cannot hold';
    return [
      {
        kind: 'invalid',
        path,
        at: 'value',
        found,
        expected: 'one line of Latin-1',
        advice: 'mend the secret',
      },
    ];
  });
  return [...ofTexts, ...reachProblems(at, target, from)];
}
