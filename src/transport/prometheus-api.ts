import { type Allowlist, normalizeHost } from '../core/allow.ts';
import { messageOf } from '../core/errors.ts';
import { checkHost, type Lookup } from '../target/host-check.ts';
import { portOf } from '../target/proxy.ts';
import type { Route } from '../target/route.ts';
import { dialOptions } from './connector.ts';
import { type DialError, dial, type Network } from './dial.ts';
import { loadUndici } from './load-undici.ts';

/** How long an answer may take, ms, and how long it may be, bytes. */
const ANSWER_MS = 5000;
const MAX_ANSWER = 1_048_576;

export interface PrometheusOptions {
  readonly allowlist: Allowlist;
  readonly network: Network;
  readonly lookup: Lookup;
}

/** Result of a query, as the HTTP API of Prometheus has it under `data`. */
export interface QueryData {
  readonly resultType: unknown;
  readonly result: readonly {
    readonly metric?: unknown;
    readonly value?: unknown;
    readonly values?: unknown;
  }[];
}

/**
 * Asks the HTTP API of a Prometheus.
 * @param base its URL
 * @param call `query` or `query_range`
 * @throws Error with the reason for a missing answer; SoakError for a host outside the allowlist, to which nothing is sent
 */
export async function askPrometheus(
  base: string,
  call: 'query' | 'query_range',
  parameters: Readonly<Record<string, string>>,
  { allowlist, network, lookup }: PrometheusOptions,
): Promise<QueryData> {
  const url = new URL(base);
  const host = normalizeHost(url.hostname);
  const route: Route = {
    origin: url.origin,
    host,
    port: portOf(url),
    path: url.pathname,
    tls: url.protocol === 'https:' ? {} : undefined,
    pinned: await checkHost(host, allowlist, lookup),
    transport: 'undici',
  };
  const options = dialOptions(route, allowlist, network, () => performance.now());
  const giveUp = AbortSignal.timeout(ANSWER_MS);
  const { Client } = loadUndici();
  const client = new Client(url.origin, {
    connect: (_options, callback) => {
      const dialling = dial(options, (error: DialError | null, socket) => {
        if (socket === null) callback(error!, null);
        else callback(null, socket);
      });
      giveUp.addEventListener('abort', () => dialling?.destroy(), { once: true });
    },
    allowH2: false,
    maxResponseSize: MAX_ANSWER,
  });
  const asked = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  try {
    const { statusCode, body } = await client.request({
      path: `${url.pathname.replace(/\/$/, '')}/api/v1/${call}?${asked.join('&')}`,
      method: 'GET',
      headers: { accept: 'application/json' },
      signal: giveUp,
    });
    return readData(statusCode, await body.text());
  } catch (error) {
    throw new Error(giveUp.aborted ? `no answer within ${ANSWER_MS / 1000} s` : messageOf(error), {
      cause: error,
    });
  } finally {
    await client.destroy();
  }
}

function readData(status: number, text: string): QueryData {
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
  return { resultType, result };
}

/** Returns the number of a sample; `undefined` for none, and for one that is not finite. */
export function finiteSample(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
