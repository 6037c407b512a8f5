import { normalizeHost } from '../../core/allow.ts';
import type { SecretText } from '../../core/secret-text.ts';
import { list as enumerate, quote } from '../describe.ts';
import { addIssue } from './combinators.ts';
import type { GivenConnectOptions } from './connect-options.ts';

interface Given extends GivenConnectOptions {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, SecretText>>;
}

type Written = Readonly<Record<string, unknown>>;
type Key = keyof GivenConnectOptions;

/** Adds an issue for a key that is present, valid or not. */
function beside(key: Key, what: string, expected: string, advice: string, ctx: unknown): void {
  addIssue(ctx, { path: [key], at: 'key', found: `${key} beside ${what}`, expected, advice });
}

function withSimulator(_: unknown, ctx: unknown, written: Written): void {
  if (written.simulator === undefined) return;
  for (const key of ['tls', 'proxy', 'resolve', 'dns', 'socket', 'http2'] as const) {
    if (written[key] === undefined) continue;
    beside(key, 'simulator', 'none, since the simulator is on this machine', 'remove it', ctx);
  }
}

function withPlainUrl(given: Given, ctx: unknown, written: Written): void {
  if (written.simulator !== undefined || given.url?.startsWith('http:') !== true) return;
  for (const key of ['tls', 'http2'] as const) {
    if (written[key] === undefined) continue;
    beside(key, 'a URL of http://', 'a URL of https://', `write https://, or remove ${key}:`, ctx);
  }
}

function leanBeside(stray: (given: Given) => string | undefined) {
  return (given: Given, ctx: unknown, written: Written): void => {
    if (written.simulator !== undefined || given.transport !== 'lean') return;
    const what = stray(given);
    if (what === undefined) return;
    addIssue(ctx, {
      path: ['transport'],
      at: 'key',
      found: `lean beside ${what}`,
      expected: 'undici, since the lean one speaks plain HTTP to the target itself',
      advice: 'remove it',
    });
  };
}

function withSocket(_: unknown, ctx: unknown, written: Written): void {
  if (written.simulator !== undefined || written.socket === undefined) return;
  if (written.proxy !== undefined && written.proxy !== 'none')
    beside('proxy', 'socket', 'one of them', 'remove one of them', ctx);
  for (const key of ['resolve', 'dns'] as const) {
    if (written[key] === undefined) continue;
    beside(key, 'socket', 'one of them, since no name is looked up', 'remove it', ctx);
  }
}

function withOwnAuthorization(given: Given, ctx: unknown, written: Written): void {
  if (written.simulator !== undefined || written.auth === undefined) return;
  if (given.headers.authorization === undefined) return;
  beside('auth', 'a header authorization', 'one of them', 'remove the header', ctx);
}

/** Reports names that soakd never resolves, which are probably typing errors. */
function strayNames(given: Given, ctx: unknown, written: Written): void {
  const { url, proxy: choice, resolve: fixed = {} } = given;
  if (written.simulator !== undefined || url === undefined) return;
  const dialled = typeof choice === 'object' ? choice.url : url;
  const host = normalizeHost(new URL(dialled).hostname);
  const whose = dialled === url ? 'the host of url' : 'the host of proxy, which looks up that of url itself';
  for (const name of Object.keys(fixed)) {
    if (name === host) continue;
    addIssue(ctx, {
      path: ['resolve'],
      at: 'key',
      found: `the name ${quote(name)}`,
      expected: `only ${enumerate([host])}, ${whose}`,
      advice: 'fix it, or remove it',
    });
  }
}

/** Checks the connect options against each other and against the rest of the target. */
export const CONNECT_CHECKS = [
  withSimulator,
  withPlainUrl,
  leanBeside(({ url }) => (url?.startsWith('https:') === true ? 'a URL of https://' : undefined)),
  leanBeside(({ proxy }) => (typeof proxy === 'object' ? 'a proxy' : undefined)),
  withSocket,
  withOwnAuthorization,
  strayNames,
] as const;
