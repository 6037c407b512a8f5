import { resolve } from 'node:path';
import type { z } from 'zod';
import type { ConnectOptions } from '../core/connect-options.ts';
import type { Config, Limits, Scenario, SecretText, Target } from '../core/scenario.ts';
import { tokenProblems } from './access.ts';
import { absoluteConnectOptions, connectProblems } from './connect-files.ts';
import { crossCheck } from './cross-checks.ts';
import { valueAt } from './describe.ts';
import { deepFreeze } from './freeze.ts';
import { problemsOf } from './issues.ts';
import { firstOfEachPlace, type Path, type Problem } from './problem.ts';
import { type ReadFile, readPrompts } from './prompts.ts';
import { withoutReferences } from './references.ts';
import { connectOptionsOf } from './schema/connect-options.ts';
import { HEADER_VALUE } from './schema/http.ts';
import { validKeys } from './schema/mapping.ts';
import { LIMIT_KEYS, root } from './schema/root.ts';
import type { ScenarioDraft } from './schema/scenario.ts';
import { type ServeDraft, tokens as tokensSchema } from './schema/serve.ts';
import { TARGET_KEYS, type TargetDraft } from './schema/target.ts';
import { validThresholds } from './schema/thresholds.ts';
import { missingSecrets, resolveSecret, type SecretSource } from './secrets.ts';
import { type TargetLimits, thresholdProblems } from './threshold-checks.ts';

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
export function check(written: unknown, deps: Deps, known: readonly Problem[] = []): Checked {
  const { data, problems: misplaced } = withoutReferences(written);
  const parsed = root.safeParse(data);
  const issues = parsed.success ? [] : problemsOf(parsed.error.issues, data);
  const valid = validParts(data, deps.baseDir);
  const prompts = new Map<number, readonly string[]>();
  const files = new Map<string, ReturnType<typeof readPrompts>>();
  const outside = [...valid.targets].flatMap(([i, parts]) => [
    ...loadPrompts(i, parts, deps, { prompts, files }),
    ...(deps.secrets === undefined
      ? []
      : checkSecrets(['targets', i], withAbsolutePaths(sentBy(parts), deps.baseDir), deps.secrets, data)),
  ]);
  const problems = firstOfEachPlace([
    ...known,
    ...misplaced,
    ...issues,
    ...crossCheck(data, valid.limits),
    ...thresholdProblems(data, valid.thresholds, limitsOfTargets(data, valid.targets)),
    ...outside,
    ...(deps.secrets === undefined ? [] : tokenProblems(valid.tokens, deps.secrets)),
  ]);
  if (problems.length > 0 || !parsed.success) return { problems };

  const value = parsed.data;
  const labelNames = [...new Set(value.targets.flatMap((t) => Object.keys(t.labels)))].sort();
  const config: Config = {
    serve: serveOf(value.serve, deps.baseDir),
    targets: value.targets.map(
      (draft, i): Target => ({
        ...withAbsolutePaths(draft, deps.baseDir),
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
    history: {
      maxAgeMs: value.history.maxAge,
      maxBytes: value.history.maxSize,
      maxGapMs: value.history.maxGap,
    },
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

type Tokens = Config['serve']['tokens'];

function absoluteTokens(tokens: Tokens, baseDir: string): Tokens {
  return tokens.map((token) => ({ ...token, token: absolute(token.token, baseDir) }));
}

function serveOf({ start, ...rest }: ServeDraft, baseDir: string): Config['serve'] {
  return { ...rest, tokens: absoluteTokens(rest.tokens, baseDir), ...(start === undefined ? {} : { start }) };
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

interface ValidParts {
  readonly targets: ReadonlyMap<number, TargetParts>;
  readonly thresholds: Config['thresholds'];
  readonly limits: Partial<Limits>;
  readonly tokens: Config['serve']['tokens'];
}

type TargetParts = Partial<z.output<z.ZodObject<typeof TARGET_KEYS>>>;

/** Returns every valid part regardless of the others, so that all mistakes show at once. */
function validParts(data: unknown, baseDir: string): ValidParts {
  const all = valueAt(data, ['targets']);
  const targets = (Array.isArray(all) ? all : []).map((item): TargetParts => validKeys(TARGET_KEYS, item));
  const { maxUsers, maxRate, maxDuration } = validKeys(LIMIT_KEYS, valueAt(data, ['limits']));
  const tokens = tokensSchema.safeParse(valueAt(data, ['serve', 'tokens']) ?? []);
  return {
    targets: new Map(targets.entries()),
    thresholds: validThresholds(valueAt(data, ['thresholds'])),
    limits: {
      ...(maxUsers === undefined ? {} : { maxUsers }),
      ...(maxRate === undefined ? {} : { maxRate }),
      ...(maxDuration === undefined ? {} : { maxDurationMs: maxDuration }),
    },
    tokens: tokens.success ? absoluteTokens(tokens.data, baseDir) : [],
  };
}

/** Returns the valid parts of each target that has a limit or could have one. */
function limitsOfTargets(data: unknown, targets: ReadonlyMap<number, TargetParts>): TargetLimits[] {
  return [...targets].map(([index, { name, timeouts, objective }]) => ({
    index,
    name: name ?? `targets[${index}]`,
    thresholds: validThresholds(valueAt(data, ['targets', index, 'thresholds'])),
    timeouts,
    objective,
  }));
}

function loadPrompts(
  i: number,
  { prompts }: TargetParts,
  deps: Deps,
  into: {
    readonly prompts: Map<number, readonly string[]>;
    /** By path as written: targets share the prompts of one file. */
    readonly files: Map<string, ReturnType<typeof readPrompts>>;
  },
): Problem[] {
  if (prompts === undefined) return [];
  if (!('file' in prompts)) {
    into.prompts.set(i, prompts);
    return [];
  }
  const { file } = prompts;
  const read = into.files.get(file) ?? readPrompts(resolve(deps.baseDir, file), file, deps.readFile);
  into.files.set(file, read);
  if (!('found' in read)) {
    into.prompts.set(i, read);
    return [];
  }
  return [{ kind: 'invalid', path: ['targets', i, 'prompts', 'file'], at: 'value', ...read }];
}

function absolute(text: SecretText, baseDir: string): SecretText {
  return text.map((part) =>
    typeof part !== 'string' && 'file' in part ? { file: resolve(baseDir, part.file) } : part,
  );
}

/** Parts of a target that can hold secrets: requests and connect options. */
type Sent = Pick<TargetDraft, 'headers' | 'body'> & ConnectOptions;

function sentBy(parts: TargetParts): Sent {
  const { headers = {}, body } = parts;
  return {
    headers,
    ...(body === undefined ? {} : { body: { text: body.text, json: body.kind === 'json' } }),
    ...connectOptionsOf(parts),
  };
}

function withAbsolutePaths<T extends Sent>(target: T, baseDir: string): T {
  const headers = Object.fromEntries(
    Object.entries(target.headers).map(([name, value]) => [name, absolute(value, baseDir)]),
  );
  return {
    ...target,
    headers,
    ...(target.body === undefined
      ? {}
      : { body: { ...target.body, text: absolute(target.body.text, baseDir) } }),
    ...absoluteConnectOptions(target, baseDir),
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
        advice: 'fix the secret',
      },
    ];
  });
  return [...ofTexts, ...connectProblems(at, target, from)];
}
