import { FORMAT_INFO } from '../catalog/formats.ts';
import { addressGuard, buildAllowlist, normalizeHost } from '../core/allow.ts';
import { checkHost, type Lookup } from '../core/host-check.ts';
import type { SecretText, Target } from '../core/scenario.ts';
import type { GuardedTarget } from '../stream/target.ts';

/** What a probe needs from outside. */
export interface Surroundings {
  readonly version: string;
  /** Fills in secrets, escaped for a string of JSON where asked. @throws SoakError SECRET_MISSING */
  readonly resolveSecret: (text: SecretText, into: 'text' | 'json') => string;
  readonly lookup: Lookup;
  /** Hosts that may be probed besides loopback. */
  readonly allow: readonly string[];
}

/** Asked for where the format is to be found out. */
const ACCEPT_ANY = 'text/event-stream, application/x-ndjson, */*;q=0.5';

/**
 * Makes a target ready for its one stream. Nothing is sent by it.
 * @param detect the format is to be found out: any response is accepted
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START (a name that cannot be looked up)
 */
export async function prepareProbe(
  target: Target,
  detect: boolean,
  from: Surroundings,
): Promise<GuardedTarget> {
  const url = new URL(target.endpoint.kind === 'url' ? target.endpoint.url : '');
  const host = normalizeHost(url.hostname);
  const allowlist = buildAllowlist(from.allow);
  const pinned = await checkHost(host, allowlist, from.lookup);
  const tls = url.protocol === 'https:';
  const { name, method, body, format, terminal, expect, timeouts } = target;
  const contentTypes =
    expect.contentType === undefined ? FORMAT_INFO[format].contentTypes : [expect.contentType];
  return {
    name,
    origin: url.origin,
    host,
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    tls,
    path: url.pathname + url.search,
    method,
    headers: headersOf(target, detect ? ACCEPT_ANY : FORMAT_INFO[format].accept, from),
    ...(body === undefined
      ? {}
      : { body: { pieces: [from.resolveSecret(body.text, body.json ? 'json' : 'text')], json: body.json } }),
    prompts: [],
    format: detect ? 'raw' : format,
    ...(terminal === undefined ? {} : { terminal }),
    expect,
    contentTypes: detect ? [] : contentTypes,
    timeouts,
    fresh: true,
    tailBytes: 0,
    secrets: [],
    pinned,
    guard: addressGuard(allowlist, pinned),
  };
}

function headersOf(target: Target, accept: string, { version, resolveSecret }: Surroundings): string[] {
  const headers = new Map<string, string>([
    ['accept', accept],
    ['accept-encoding', 'identity'],
    ['user-agent', `soakd/${version}`],
  ]);
  if (target.body?.json) headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(target.headers)) headers.set(name, resolveSecret(value, 'text'));
  return [...headers].flat();
}
