import type { Access } from '../core/access.ts';
import { SoakError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';

/**
 * Requires tokens outside loopback, since without tokens every client that reaches the port can start load. Clients on
 * loopback can run programs on this machine anyway.
 * @throws SoakError CONFIG_INVALID
 */
export function requireTokens(host: string, { tokens }: Pick<Access, 'tokens'>): void {
  if (tokens.length > 0 || isLoopback(host)) return;
  const line =
    `found the listen address ${JSON.stringify(host.slice(0, 100))} without tokens, expected tokens, since other ` +
    'machines reach this address; add serve.tokens to the configuration, or listen on 127.0.0.1';
  throw new SoakError('CONFIG_INVALID', line, [line]);
}
