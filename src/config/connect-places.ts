import type { Path } from './problem.ts';

/** Connect options of a target that may hold references. */
const SECRETS: ReadonlySet<string> = new Set([
  'auth.bearer',
  'auth.basic.user',
  'auth.basic.password',
  'proxy.auth.basic.user',
  'proxy.auth.basic.password',
  'tls.passphrase',
]);

/** Returns whether a text at a path may hold references; texts in the mapping form of a token may not. */
export function mayReferInConnectOptions(path: Path, value: unknown): boolean {
  return path[0] === 'targets' && typeof value === 'string' && SECRETS.has(path.slice(2).join('.'));
}

/** Returns whether the value at a path may hold a secret. */
export function isPrivateConnectOption(path: Path): boolean {
  if (path[0] !== 'targets') return false;
  if (path[2] === 'proxy') return true;
  // The refresh settings of a token are no secret.
  if (path[2] === 'auth') return path[3] !== 'bearer' || path.length === 4;
  return path[2] === 'tls' && path[3] === 'passphrase';
}
