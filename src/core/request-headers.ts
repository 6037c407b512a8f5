import type { Target } from './scenario.ts';
import type { SecretText } from './secret-text.ts';

interface Deps {
  readonly version: string;
  /** @throws SoakError SECRET_MISSING */
  readonly resolveSecret: (text: SecretText, into: 'text') => string;
}

/**
 * @param accept media types that are asked for, unless the target says
 * @returns what a target is sent besides credentials: name, value, …
 */
export function requestHeaders(
  target: Pick<Target, 'headers' | 'body'>,
  accept: string,
  { version, resolveSecret }: Deps,
): string[] {
  const headers = new Map<string, string>([
    ['accept', accept],
    // Measures the bytes as the target produced them.
    ['accept-encoding', 'identity'],
    ['user-agent', `soakd/${version}`],
  ]);
  if (target.body?.json) headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(target.headers))
    headers.set(name.toLowerCase(), resolveSecret(value, 'text'));
  return [...headers].flat();
}
