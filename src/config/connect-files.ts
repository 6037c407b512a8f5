import { resolve, sep } from 'node:path';
import type { SecretText } from '../core/secret-text.ts';
import type { BasicAuth, ConnectOptions, FreshToken } from '../core/target.ts';
import { faultOfToken } from '../target/credentials.ts';
import { quote } from './describe.ts';
import { type Path, type Problem, problem } from './problem.ts';
import { missingSecrets, refusalOfReference, resolveSecret, type SecretSource } from './secrets.ts';

type Absolute = (path: string) => string;

/** Returns the connect options of a target with absolute paths. */
export function absoluteConnectOptions<T extends ConnectOptions>(connectOptions: T, baseDir: string): T {
  const absolute: Absolute = (path) => resolve(baseDir, path);
  const text = (parts: SecretText): SecretText =>
    parts.map((part) => (typeof part !== 'string' && 'file' in part ? { file: absolute(part.file) } : part));
  const pair = (given: BasicAuth): BasicAuth => ({ user: text(given.user), password: text(given.password) });
  const { tls, proxy, auth, socketPath } = connectOptions;
  return {
    ...connectOptions,
    tls: tls && {
      ...tls,
      caFile: tls.caFile && absolute(tls.caFile),
      certFile: tls.certFile && absolute(tls.certFile),
      keyFile: tls.keyFile && absolute(tls.keyFile),
      passphrase: tls.passphrase && text(tls.passphrase),
    },
    proxy: typeof proxy === 'object' ? { ...proxy, auth: proxy.auth && pair(proxy.auth) } : proxy,
    auth:
      auth?.kind === 'bearer'
        ? { kind: 'bearer', token: tokenFrom(auth.token, text, absolute) }
        : auth && { kind: 'basic', ...pair(auth) },
    socketPath: socketPath && absolute(socketPath),
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

/** Returns what is wrong with a token file: it is a path, not a reference. */
function emptyFile([part]: SecretText, from: SecretSource): string {
  if (typeof part !== 'object' || !('file' in part)) throw new TypeError('expected the path of a file');
  const refusal = refusalOfReference(part, from);
  return refusal === undefined ? 'a file that is empty or unreadable' : `${quote(part.file)}, ${refusal}`;
}

function problemOf(path: Path, text: SecretText, from: SecretSource): Problem[] {
  const missing = missingSecrets(text, from);
  if (missing !== undefined) {
    const found = path.at(-1) === 'file' ? emptyFile(text, from) : missing;
    return [problem(path, found, 'a secret with a value', 'set it before soakd starts', 'secret')];
  }
  if (path[3] !== 'bearer') return [];
  const fault = faultOfToken(resolveSecret(text, from));
  if (fault === undefined) return [];
  const expected = 'a token of visible ASCII characters on one line';
  return [problem(path, `a token that ${fault}`, expected, 'fix the token')];
}
