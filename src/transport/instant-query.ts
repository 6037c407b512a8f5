import { Client } from 'undici';
import { type Allowlist, addressGuard, normalizeHost } from '../core/allow.ts';
import { messageOf } from '../core/errors.ts';
import { checkHost, type Lookup } from '../core/host-check.ts';
import type { MemorySource } from '../core/scenario.ts';
import { type DialError, dial, type Network } from './dial.ts';

/** How long an answer may take, ms, and how long it may be, bytes. */
const ANSWER_MS = 5000;
const MAX_ANSWER = 262_144;

export interface InstantQueryOptions {
  readonly allowlist: Allowlist;
  readonly network: Network;
  readonly lookup: Lookup;
}

/**
 * Asks a Prometheus for one number, as it is now.
 * @returns `undefined` where no series answers, or its value is no number
 * @throws Error with the reason for a missing answer. Sends nothing to a host outside the allowlist
 */
export async function instantQuery(
  { prometheus, query }: MemorySource,
  { allowlist, network, lookup }: InstantQueryOptions,
): Promise<number | undefined> {
  const { origin, protocol, hostname, port, pathname } = new URL(prometheus);
  const tls = protocol === 'https:';
  const host = normalizeHost(hostname);
  const guard = addressGuard(allowlist, await checkHost(host, allowlist, lookup));
  const clock = (): number => performance.now();
  const client = new Client(origin, {
    connect: (_options, callback) => {
      const to = { host, port: Number(port) || (tls ? 443 : 80), tls, guard, network, clock };
      const dialling = dial(to, (error: DialError | null, socket) => {
        if (socket === null) callback(error!, null);
        else callback(null, socket);
      });
      giveUp.addEventListener('abort', () => dialling?.destroy(), { once: true });
    },
    allowH2: false,
    maxResponseSize: MAX_ANSWER,
  });
  const giveUp = AbortSignal.timeout(ANSWER_MS);
  try {
    const { statusCode, body } = await client.request({
      path: `${pathname.replace(/\/$/, '')}/api/v1/query?query=${encodeURIComponent(query)}`,
      method: 'GET',
      headers: { accept: 'application/json' },
      signal: giveUp,
    });
    const text = await body.text();
    return readAnswer(statusCode, text);
  } catch (error) {
    throw new Error(giveUp.aborted ? `no answer within ${ANSWER_MS / 1000} s` : messageOf(error), {
      cause: error,
    });
  } finally {
    await client.destroy();
  }
}

function readAnswer(status: number, text: string): number | undefined {
  let answer: { data?: { resultType?: unknown; result?: unknown }; error?: unknown };
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`status ${status}, and no JSON: is this a Prometheus?`);
  }
  if (status !== 200 || answer === null || typeof answer !== 'object')
    throw new Error(`status ${status}: ${String(answer?.error ?? 'no reason given').slice(0, 200)}`);
  const { resultType, result } = answer.data ?? {};
  if (!Array.isArray(result)) throw new Error('the answer has no result: is this a Prometheus?');
  if (resultType === 'scalar') return finite(result[1]);
  if (resultType !== 'vector') throw new Error('the query gives a range; one number is needed');
  if (result.length > 1)
    throw new Error(`the query gives ${result.length} series, one is needed: name one, or take sum()`);
  return finite(result[0]?.value?.[1]);
}

function finite(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
