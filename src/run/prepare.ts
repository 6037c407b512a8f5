import { FORMAT_INFO } from '../catalog/formats.ts';
import { type Allowlist, buildAllowlist, normalizeHost } from '../core/allow.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { checkHost, type Lookup } from '../core/host-check.ts';
import type { Config, Scenario, SecretText, Target } from '../core/scenario.ts';
import type { Plan } from '../load/plan.ts';

/** What a plan needs from outside. */
export interface Surroundings {
  readonly version: string;
  /** Fills in secrets, escaped for a string of JSON where asked. @throws SoakError SECRET_MISSING */
  readonly resolveSecret: (text: SecretText, into: 'text' | 'json') => string;
  /** Text of a file. Throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  readonly lookup: Lookup;
  /** Starts the built-in simulator of a target, if it is not running. @returns its URL */
  readonly simulatorUrl: (target: Target) => Promise<string>;
  readonly ttfbLimitsMs: readonly number[];
}

type PlanTarget = Plan['targets'][number];

/**
 * Makes a scenario ready to run: nothing is sent by it. Only the scenario's own targets are looked up.
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START (a name that cannot be looked up)
 */
export async function preparePlan(
  runId: string,
  config: Config,
  scenario: Scenario,
  from: Surroundings,
): Promise<Plan> {
  const allowlist = buildAllowlist(config.allow);
  const used = new Set(scenario.targets.map((t) => t.name));
  const targets: PlanTarget[] = [];
  for (const target of config.targets) {
    // The others keep their place, so that indexes are those of the layout.
    if (!used.has(target.name)) targets.push(withoutAddress(target));
    else {
      const prepared = await prepareTarget(target, allowlist, from);
      demandBudget(scenario, prepared);
      targets.push(prepared);
    }
  }
  return { runId, scenario, targets, ttfbLimitsMs: from.ttfbLimitsMs, allow: config.allow };
}

/** Formats of APIs that cost money. */
const PAID: readonly string[] = ['openai-chat', 'openai-responses', 'anthropic'];

function readCa(path: string, { readFile }: Surroundings): string {
  try {
    return readFile(path);
  } catch (error) {
    throw new SoakError(
      'CANNOT_START',
      `${path}, the tls: ca of a target, cannot be read: ${messageOf(error)}`,
      [],
      error,
    );
  }
}

function demandBudget(scenario: Scenario, target: PlanTarget): void {
  const loopback = buildAllowlist([]);
  if (!PAID.includes(target.format) || target.pinned.every((a) => loopback.coversAddress(a))) return;
  const { streams, outputTokens, cost } = scenario.budget ?? {};
  if (streams !== undefined || outputTokens !== undefined || cost !== undefined) return;
  throw new SoakError(
    'BUDGET_MISSING',
    `${target.name} is an LLM API (${target.format}) that is not on loopback, and scenario ${scenario.name} has no budget`,
    ['set budget: of the scenario: streams, outputTokens, or cost with prices'],
  );
}

async function prepareTarget(target: Target, allowlist: Allowlist, from: Surroundings): Promise<PlanTarget> {
  const url = new URL(target.endpoint.kind === 'url' ? target.endpoint.url : await from.simulatorUrl(target));
  const host = normalizeHost(url.hostname);
  const pinned = await checkHost(host, allowlist, from.lookup);
  const tls = url.protocol === 'https:';
  return {
    ...withoutAddress(target),
    origin: url.origin,
    host,
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    tls,
    path: url.pathname + url.search,
    ...(target.tls === undefined ? {} : { ca: readCa(target.tls.caFile, from) }),
    headers: headersOf(target, from),
    secrets: secretsOf(target, from),
    ...(target.body === undefined ? {} : { body: bodyOf(target.body, from) }),
    pinned,
  };
}

function bodyOf({ text, json }: NonNullable<Target['body']>, { resolveSecret }: Surroundings) {
  return { pieces: resolveSecret(text, json ? 'json' : 'text').split('{{prompt}}'), json };
}

function withoutAddress(target: Target): PlanTarget {
  const { name, method, prompts, format, terminal, expect, timeouts, connection } = target;
  return {
    name,
    origin: '',
    host: '',
    port: 0,
    tls: false,
    path: '/',
    method,
    headers: [],
    prompts,
    format,
    ...(terminal === undefined ? {} : { terminal }),
    expect,
    contentTypes: expect.contentType === undefined ? FORMAT_INFO[format].contentTypes : [expect.contentType],
    timeouts,
    fresh: connection === 'fresh',
    tailBytes: target.keepTailBytes ?? 0,
    secrets: [],
    pinned: [],
  };
}

function headersOf(target: Target, { version, resolveSecret }: Surroundings): string[] {
  const headers = new Map<string, string>([
    ['accept', FORMAT_INFO[target.format].accept],
    // What is measured are the bytes as the target made them.
    ['accept-encoding', 'identity'],
    ['user-agent', `soakd/${version}`],
  ]);
  if (target.body?.json) headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(target.headers))
    headers.set(name.toLowerCase(), resolveSecret(value, 'text'));
  return [...headers].flat();
}

/** @returns the values of all references, and what they look like inside JSON */
function secretsOf({ headers, body }: Target, { resolveSecret }: Surroundings): string[] {
  const parts = [...Object.values(headers), body?.text ?? []]
    .flat()
    .filter((part) => typeof part !== 'string');
  return [
    ...new Set(parts.flatMap((part) => [resolveSecret([part], 'text'), resolveSecret([part], 'json')])),
  ];
}
