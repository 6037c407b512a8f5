import type { TimingLimits } from '../catalog/slots.ts';
import { type Allowlist, buildAllowlist } from '../core/allow.ts';
import type { FreshToken } from '../core/connect-options.ts';
import { credentialOf } from '../core/credentials.ts';
import { SoakError } from '../core/errors.ts';
import { requestHeaders } from '../core/request-headers.ts';
import { type RouteDeps, resolveRoute } from '../core/route.ts';
import type { Config, Scenario, Target } from '../core/scenario.ts';
import { formatNamed } from '../formats/list.ts';
import type { Plan } from '../load/plan.ts';

/** Dependencies of a plan. */
export interface Deps extends RouteDeps {
  readonly version: string;
  /** Reads a token that is refreshed, or runs the program that prints it. */
  readonly fetchToken: (token: FreshToken) => Promise<string>;
  /** Starts the built-in simulator of a target, if it is not running. @returns its URL */
  readonly simulatorUrl: (target: Target) => Promise<string>;
  /** See {@link Plan}. */
  readonly counted: readonly string[];
  readonly timingLimits: TimingLimits;
}

type PlanTarget = Plan['targets'][number];

/**
 * Prepares a scenario for a run, without sending a request. Resolves the names of the scenario's own targets only.
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, BUDGET_MISSING, CANNOT_START (a name that does not resolve, an
 * unusable TLS file, a token that cannot be fetched)
 */
export async function preparePlan(
  runId: string,
  config: Config,
  scenario: Scenario,
  from: Deps,
): Promise<Plan> {
  const allowlist = buildAllowlist(config.allow);
  const used = new Set(scenario.targets.map((t) => t.name));
  const targets: PlanTarget[] = [];
  for (const target of config.targets) {
    // Other targets keep their place, so that indexes match the layout.
    if (!used.has(target.name)) targets.push(withoutAddress(target));
    else {
      targets.push(await prepareTarget(target, scenario, allowlist, from));
    }
  }
  const { counted, timingLimits } = from;
  return { runId, scenario, targets, counted, timingLimits, allow: config.allow };
}

function requireBudget(scenario: Scenario, target: Target): void {
  if (!formatNamed(target.format).paid) return;
  const { streams, outputTokens, cost } = scenario.budget ?? {};
  if (streams !== undefined || outputTokens !== undefined || cost !== undefined) return;
  throw new SoakError(
    'BUDGET_MISSING',
    `${target.name} is an LLM API (${target.format}) that is not on loopback, and scenario ${scenario.name} has no budget`,
    [
      'set budget: of the scenario: streams, outputTokens, or cost with prices; or start the run with maxStreams',
    ],
  );
}

async function prepareTarget(
  target: Target,
  scenario: Scenario,
  allowlist: Allowlist,
  from: Deps,
): Promise<PlanTarget> {
  const { name, endpoint, auth, body } = target;
  const url = new URL(endpoint.kind === 'url' ? endpoint.url : await from.simulatorUrl(target));
  const { route, headers, secrets, local } = await resolveRoute(url, name, target, allowlist, from);
  if (!local) requireBudget(scenario, target);
  const credential = auth === undefined ? undefined : await credentialOf(auth, name, from);
  return {
    ...withoutAddress(target),
    ...route,
    headers: [
      ...requestHeaders(target, formatNamed(target.format).accept, from),
      ...headers,
      ...(credential === undefined ? [] : ['authorization', credential.authorization]),
    ],
    secrets: [...new Set([...secretsOf(target, from), ...secrets, ...(credential?.secrets ?? [])])],
    ...(credential?.refreshed === undefined ? {} : { tokens: credential.refreshed }),
    ...(body === undefined ? {} : { body: bodyOf(body, from) }),
  };
}

function bodyOf({ text, json }: NonNullable<Target['body']>, { resolveSecret }: Deps) {
  return { pieces: resolveSecret(text, json ? 'json' : 'text').split('{{prompt}}'), json };
}

function withoutAddress(target: Target): PlanTarget {
  const {
    name,
    method,
    prompts,
    format,
    terminal,
    error,
    maxEventBytes,
    expect,
    objective,
    timeouts,
    connection,
  } = target;
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
    ...(error === undefined ? {} : { error }),
    ...(maxEventBytes === undefined ? {} : { maxEventBytes }),
    expect,
    ...(objective === undefined ? {} : { objective }),
    contentTypes: expect.contentType === undefined ? formatNamed(format).contentTypes : [expect.contentType],
    timeouts,
    fresh: connection === 'fresh',
    transport: 'undici',
    tailBytes: target.keepTailBytes ?? 0,
    secrets: [],
    pinned: [],
  };
}

/** Returns the values of all references, plain and escaped for JSON. */
function secretsOf({ headers, body }: Target, { resolveSecret }: Deps): string[] {
  const parts = [...Object.values(headers), body?.text ?? []]
    .flat()
    .filter((part) => typeof part !== 'string');
  return [
    ...new Set(parts.flatMap((part) => [resolveSecret([part], 'text'), resolveSecret([part], 'json')])),
  ];
}
