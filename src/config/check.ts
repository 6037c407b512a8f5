import { resolve } from 'node:path';
import type { Config, Scenario } from '../core/scenario.ts';
import type { SecretText } from '../core/secret-text.ts';
import type { ConnectOptions, Target } from '../core/target.ts';
import { tokenProblems } from './access.ts';
import { absoluteConnectOptions, connectProblems } from './connect-files.ts';
import { crossCheck } from './cross-checks.ts';
import { valueAt } from './describe.ts';
import { deepFreeze } from './freeze.ts';
import { firstOfEachPlace, type Path, type Problem, problem } from './problem.ts';
import { type ReadFile, readPrompts } from './prompts.ts';
import { connectOptionsOf } from './schema/connect-options.ts';
import { HEADER_VALUE } from './schema/http.ts';
import { read } from './schema/read.ts';
import { type Given, type Parts, root, type ValidParts } from './schema/root.ts';
import { scenarioOf } from './schema/scenario.ts';
import { serveOf } from './schema/serve.ts';
import { type GivenTarget, targetOf } from './schema/target.ts';
import { thresholdsOf } from './schema/thresholds.ts';
import { missingSecrets, resolveSecret, type SecretSource } from './secrets.ts';
import { thresholdProblems } from './threshold-checks.ts';

/** Context of a check besides the data. */
export interface Deps {
  /** Directory that paths in the configuration are relative to. */
  readonly baseDir: string;
  readonly readFile: ReadFile;
  /** Absent: references are not looked up. */
  readonly secrets?: SecretSource | undefined;
}

export type Checked = { readonly config: Config } | { readonly problems: readonly Problem[] };

/**
 * Turns data from a file or from flags into a configuration; no other function does.
 * @param known problems found earlier
 */
export function check(data: unknown, deps: Deps, known: readonly Problem[] = []): Checked {
  const { baseDir, secrets } = deps;
  const problems: Problem[] = [...known];
  const { isValid, value } = read(root, data, problems);
  const valid = (value ?? {}) as ValidParts;
  problems.push(...crossCheck(data, valid), ...thresholdProblems(data, valid));
  const files: Files = new Map();
  for (const [i, target = {}] of (valid.targets ?? []).entries()) {
    problems.push(...promptProblems(i, promptsOf(target, deps, files)));
    if (secrets === undefined) continue;
    const sent = withAbsolutePaths(sentBy(target), baseDir);
    problems.push(...checkSecrets(['targets', i], sent, secrets, data));
  }
  if (secrets !== undefined) problems.push(...tokenProblems(valid.serve?.tokens ?? [], secrets));
  if (problems.length > 0 || !isValid) return { problems: firstOfEachPlace(problems) };

  const given = value as Given;
  const { maxDuration: maxDurationMs, ...limits } = given.limits;
  const labelNames = [...new Set(given.targets.flatMap((t) => Object.keys(t.labels)))].sort();
  const serve = serveOf(given.serve);
  const config: Config = {
    serve: {
      ...serve,
      tokens: serve.tokens.map((token) => ({ ...token, token: absolute(token.token, baseDir) })),
    },
    targets: given.targets.map(
      (target): Target => ({
        ...withAbsolutePaths(targetOf(target, promptsOf(target, deps, files) as string[]), baseDir),
        // Series of one metric must have the same labels.
        labels: Object.fromEntries(labelNames.map((name) => [name, target.labels[name] ?? ''])),
      }),
    ),
    scenarios: scenariosOf(given.scenarios),
    schedules: Object.entries(given.schedules).map(([name, schedule]) => ({ name, ...schedule })),
    thresholds: thresholdsOf(given.thresholds),
    allow: given.allow,
    limits: { ...limits, maxDurationMs },
    workers: given.workers,
    maxMeasurementLagMs: given.maxMeasurementLag,
    history: {
      maxAgeMs: given.history.maxAge,
      maxBytes: given.history.maxSize,
      maxGapMs: given.history.maxGap,
    },
  };
  return { config: deepFreeze(config) };
}

/** Without a prototype: `scenarios[name]` with a name from outside must never find `constructor`. */
function scenariosOf(given: Given['scenarios']): Record<string, Scenario> {
  const scenarios: Record<string, Scenario> = Object.create(null);
  for (const [name, scenario] of Object.entries(given)) scenarios[name] = scenarioOf(name, scenario);
  return scenarios;
}

/** Prompts of files, by path as written: targets share the prompts of one file. */
type Files = Map<string, ReturnType<typeof readPrompts>>;

function promptsOf({ prompts = [] }: Parts<GivenTarget>, { baseDir, readFile }: Deps, files: Files) {
  if (!('file' in prompts)) return prompts;
  const { file } = prompts;
  const known = files.get(file) ?? readPrompts(resolve(baseDir, file), file, readFile);
  files.set(file, known);
  return known;
}

function promptProblems(i: number, prompts: ReturnType<typeof promptsOf>): Problem[] {
  if (!('found' in prompts)) return [];
  return [problem(['targets', i, 'prompts', 'file'], prompts.found, prompts.expected, prompts.advice)];
}

function absolute(text: SecretText, baseDir: string): SecretText {
  return text.map((part) =>
    typeof part !== 'string' && 'file' in part ? { file: resolve(baseDir, part.file) } : part,
  );
}

/** Parts of a target that can hold secrets: requests and connect options. */
type Sent = Pick<Target, 'headers' | 'body'> & ConnectOptions;

function sentBy({ headers = {}, body, ...rest }: Parts<GivenTarget>): Sent {
  return {
    headers,
    body: body && { text: body.text, json: body.kind === 'json' },
    ...connectOptionsOf(rest),
  };
}

function withAbsolutePaths<T extends Sent>(target: T, baseDir: string): T {
  const headers = Object.fromEntries(
    Object.entries(target.headers).map(([name, value]) => [name, absolute(value, baseDir)]),
  );
  return {
    ...absoluteConnectOptions(target, baseDir),
    headers,
    body: target.body && { ...target.body, text: absolute(target.body.text, baseDir) },
  };
}

/** Messages name a reference, never its value. */
function checkSecrets(at: Path, target: Sent, from: SecretSource, data: unknown): Problem[] {
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
    if (missing !== undefined) {
      return [problem(path, missing, 'a secret with a value', 'set it before soakd starts', 'secret')];
    }
    if (!isHeader || HEADER_VALUE.test(resolveSecret(text, from))) return [];
    const found = 'a secret with a character that headers cannot hold';
    return [problem(path, found, 'one line of Latin-1', 'fix the secret')];
  });
  return [...ofTexts, ...connectProblems(at, target, from)];
}
