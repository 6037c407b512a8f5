import { resolve, sep } from 'node:path';
import type { BasicAuth, ConnectOptions, FreshToken } from '../core/connect-options.ts';
import { faultOfToken } from '../core/credentials.ts';
import type { SecretText } from '../core/secret-text.ts';
import type { Path, Problem } from './problem.ts';
import { missingSecrets, resolveSecret, type SecretSource } from './secrets.ts';

type Absolute = (path: string) => string;

/** Returns the connect options of a target with absolute paths. */
export function absoluteConnectOptions(connectOptions: ConnectOptions, baseDir: string): ConnectOptions {
  const absolute: Absolute = (path) => resolve(baseDir, path);
  const text = (parts: SecretText): SecretText =>
    parts.map((part) => (typeof part !== 'string' && 'file' in part ? { file: absolute(part.file) } : part));
  const pair = (given: BasicAuth): BasicAuth => ({ user: text(given.user), password: text(given.password) });
  const { tls, proxy, auth, socketPath } = connectOptions;
  return {
    ...(tls === undefined
      ? {}
      : {
          tls: {
            ...tls,
            ...(tls.caFile === undefined ? {} : { caFile: absolute(tls.caFile) }),
            ...(tls.certFile === undefined ? {} : { certFile: absolute(tls.certFile) }),
            ...(tls.keyFile === undefined ? {} : { keyFile: absolute(tls.keyFile) }),
            ...(tls.passphrase === undefined ? {} : { passphrase: text(tls.passphrase) }),
          },
        }),
    ...(typeof proxy === 'object' && proxy.auth !== undefined
      ? { proxy: { ...proxy, auth: pair(proxy.auth) } }
      : {}),
    ...(auth === undefined
      ? {}
      : {
          auth:
            auth.kind === 'basic'
              ? { kind: 'basic', ...pair(auth) }
              : { kind: 'bearer', token: tokenFrom(auth.token, text, absolute) },
        }),
    ...(socketPath === undefined ? {} : { socketPath: absolute(socketPath) }),
  };
}

type Token = { readonly kind: 'text'; readonly text: SecretText } | FreshToken;

function tokenFrom(token: Token, text: (parts: SecretText) => SecretText, absolute: Absolute): Token {
  if (token.kind === 'text') return { kind: 'text', text: text(token.text) };
  if (token.kind === 'file') return { ...token, file: absolute(token.file) };
  const [program = '', ...rest] = token.command;
  // A bare name is resolved on the PATH, as in a shell.
  return { ...token, command: [program.includes(sep) ? absolute(program) : program, ...rest] };
}

/**
 * Returns problems of secrets in connect options: no value, or a value that cannot be sent. Runs no program.
 * @param at the target
 * @param reach with absolute paths
 */
export function connectProblems(at: Path, connectOptions: ConnectOptions, from: SecretSource): Problem[] {
  const { tls, proxy, auth } = connectOptions;
  const pair = (key: Path, given: BasicAuth | undefined): [Path, SecretText][] =>
    given === undefined
      ? []
      : [
          [[...at, ...key, 'user'], given.user],
          [[...at, ...key, 'password'], given.password],
        ];
  const token = auth?.kind === 'bearer' ? auth.token : undefined;
  const places: [Path, SecretText][] = [
    ...(tls?.passphrase === undefined
      ? []
      : ([[[...at, 'tls', 'passphrase'], tls.passphrase]] as [Path, SecretText][])),
    ...pair(['proxy', 'auth', 'basic'], typeof proxy === 'object' ? proxy.auth : undefined),
    ...pair(['auth', 'basic'], auth?.kind === 'basic' ? auth : undefined),
  ];
  if (token?.kind === 'text') places.push([[...at, 'auth', 'bearer'], token.text]);
  if (token?.kind === 'file') places.push([[...at, 'auth', 'bearer', 'file'], [{ file: token.file }]]);
  return places.flatMap(([path, text]) => problemOf(path, text, from));
}

function problemOf(path: Path, text: SecretText, from: SecretSource): Problem[] {
  const missing = missingSecrets(text, from);
  if (missing.length > 0) {
    const named = path.at(-1) === 'file' ? 'a file that is empty or unreadable' : undefined;
    return [
      {
        kind: 'secret',
        path,
        at: 'value',
        found: named ?? `${missing.join(', ')} unset, empty or unreadable`,
        expected: 'a secret with a value',
        advice: 'set it before soakd starts',
      },
    ];
  }
  if (path[3] !== 'bearer') return [];
  const fault = faultOfToken(resolveSecret(text, from));
  if (fault === undefined) return [];
  const found = `a token that ${fault}`;
  return [
    {
      kind: 'invalid',
      path,
      at: 'value',
      found,
      expected: 'a token of visible ASCII characters on one line',
      advice: 'fix the token',
    },
  ];
}
