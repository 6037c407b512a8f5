import { buildAllowlist } from '../core/allow.ts';
import { credentialOf } from '../core/credentials.ts';
import { SoakError } from '../core/errors.ts';
import { requestHeaders } from '../core/request-headers.ts';
import { type RouteDeps, resolveRoute } from '../core/route.ts';
import type { Target } from '../core/scenario.ts';
import { formatNamed } from '../formats/list.ts';
import type { Network } from '../transport/dial.ts';
import { guarded } from '../transport/guarded.ts';
import type { GuardedTarget, StreamTarget } from '../transport/target.ts';

/** Dependencies of a probe. */
export interface Deps extends RouteDeps {
  readonly version: string;
  /** Hosts that may be probed besides loopback. */
  readonly allow: readonly string[];
}

/** The `accept` header where the format is detected. */
const ACCEPT_ANY = 'text/event-stream, application/x-ndjson, */*;q=0.5';

/**
 * Prepares a target for its one stream. Sends nothing.
 * @param detect whether the format is detected: any response is then accepted
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START (a name that cannot be looked up, a bad file)
 */
export async function prepareProbe(
  target: Target,
  detect: boolean,
  from: Deps,
  network: Network,
): Promise<GuardedTarget> {
  const url = new URL(target.endpoint.kind === 'url' ? target.endpoint.url : '');
  const allowlist = buildAllowlist(from.allow);
  const { route, headers, secrets } = await resolveRoute(url, target.name, target, allowlist, from);
  const credential =
    target.auth === undefined
      ? undefined
      : await credentialOf(target.auth, target.name, { ...from, fetchToken: noFreshToken });
  const { name, method, body, format, terminal, expect, timeouts } = target;
  const contentTypes =
    expect.contentType === undefined ? formatNamed(format).contentTypes : [expect.contentType];
  const prepared: StreamTarget = {
    ...route,
    name,
    method,
    headers: [
      ...requestHeaders(target, detect ? ACCEPT_ANY : formatNamed(format).accept, from),
      ...headers,
      ...(credential === undefined ? [] : ['authorization', credential.authorization]),
    ],
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
    secrets: [...secrets, ...(credential?.secrets ?? [])],
  };
  return guarded(prepared, allowlist, network);
}

/** Flags have no words for such a token. */
function noFreshToken(): Promise<string> {
  return Promise.reject(new SoakError('CANNOT_START', 'a probe takes no token that is refreshed'));
}
