import type { Path } from './problem.ts';

/** Texts below a target's keys of how it is reached in which references may stand. */
const SECRETS: ReadonlySet<string> = new Set([
  'auth.bearer',
  'auth.basic.user',
  'auth.basic.password',
  'proxy.auth.basic.user',
  'proxy.auth.basic.password',
  'tls.passphrase',
]);

/** @returns whether a text there may hold references; a token may also be a mapping, whose texts may not */
export function mayReferInConnectOptions(path: Path, value: unknown): boolean {
  return path[0] === 'targets' && typeof value === 'string' && SECRETS.has(path.slice(2).join('.'));
}

/** @returns whether what stands there is a secret, or may hold one */
export function isPrivateConnectOption(path: Path): boolean {
  if (path[0] !== 'targets') return false;
  if (path[2] === 'proxy') return true;
  // How a token is refreshed is no secret.
  if (path[2] === 'auth') return path[3] !== 'bearer' || path.length === 4;
  return path[2] === 'tls' && path[3] === 'passphrase';
}
