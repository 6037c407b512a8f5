import { normalizeHost } from '../../core/allow.ts';
import type { SecretText } from '../../core/secret-text.ts';
import { list as enumerate, quote } from '../describe.ts';
import type { ByFlag } from '../problem.ts';
import { Fault } from './combinators.ts';
import type { GivenConnectOptions } from './connect-options.ts';

interface Given extends GivenConnectOptions {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, SecretText>>;
}

type Written = Readonly<Record<string, unknown>>;
type Key = keyof GivenConnectOptions;

/** Returns the fault of a key that is present, valid or not. */
const beside = (key: Key, what: string, expected: string, advice: string, byFlag?: ByFlag): Fault =>
  new Fault(expected, advice, `${key} beside ${what}`, [key], 'key', byFlag);

function* withSimulator(_: unknown, written: Written): Iterable<Fault> {
  if (written.simulator === undefined) return;
  for (const key of ['tls', 'proxy', 'resolve', 'dns', 'socket', 'http2'] as const) {
    if (written[key] !== undefined)
      yield beside(key, 'simulator', 'none, since the simulator is on this machine', 'remove it');
  }
}

function* withPlainUrl(given: Given, written: Written): Iterable<Fault> {
  if (written.simulator !== undefined || given.url?.startsWith('http:') !== true) return;
  for (const [key, flags] of [
    ['tls', 'what is for TLS'],
    ['http2', '--http2'],
  ] as const) {
    if (written[key] !== undefined)
      yield beside(key, 'a URL of http://', 'a URL of https://', `write https://, or remove ${key}:`, {
        advice: `write https://, or leave out ${flags}`,
      });
  }
}

function leanBeside(stray: (given: Given) => string | undefined) {
  return function* (given: Given, written: Written): Iterable<Fault> {
    if (written.simulator !== undefined || given.transport !== 'lean') return;
    const what = stray(given);
    if (what === undefined) return;
    const expected = 'undici, since the lean one speaks plain HTTP to the target itself';
    yield new Fault(expected, 'remove it', `lean beside ${what}`, ['transport'], 'key');
  };
}

function* withSocket(_: unknown, written: Written): Iterable<Fault> {
  if (written.simulator !== undefined || written.socket === undefined) return;
  if (written.proxy !== undefined && written.proxy !== 'none')
    yield beside('proxy', 'socket', 'one of them', 'remove one of them');
  for (const key of ['resolve', 'dns'] as const) {
    if (written[key] !== undefined)
      yield beside(key, 'socket', 'one of them, since no name is looked up', 'remove it');
  }
}

function* withOwnAuthorization(given: Given, written: Written): Iterable<Fault> {
  if (written.simulator !== undefined || written.auth === undefined) return;
  if (given.headers.authorization === undefined) return;
  yield beside('auth', 'a header authorization', 'one of them', 'remove the header');
}

/** Reports names that soakd never resolves, which are probably typing errors. */
function* strayNames(given: Given, written: Written): Iterable<Fault> {
  const { url, proxy: choice, resolve: fixed = {} } = given;
  if (written.simulator !== undefined || url === undefined) return;
  const dialled = typeof choice === 'object' ? choice.url : url;
  const host = normalizeHost(new URL(dialled).hostname);
  const whose = dialled === url ? 'the host of url' : 'the host of proxy, which looks up that of url itself';
  for (const name of Object.keys(fixed)) {
    if (name === host) continue;
    const expected = `only ${enumerate([host])}, ${whose}`;
    yield new Fault(expected, 'fix it, or remove it', `the name ${quote(name)}`, ['resolve'], 'key');
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
