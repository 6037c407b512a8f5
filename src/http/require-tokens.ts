import type { Access } from '../core/access.ts';
import { SoakError } from '../core/errors.ts';
import { isLoopback } from '../core/loopback.ts';

/**
 * Whoever reaches the port may start load with it. On loopback that is somebody who may run programs here anyway;
 * elsewhere it takes a token.
 * @throws SoakError CONFIG_INVALID
 */
export function requireTokens(host: string, { tokens }: Pick<Access, 'tokens'>): void {
  if (tokens.length > 0 || isLoopback(host)) return;
  const line =
    `found ${JSON.stringify(host.slice(0, 100))} to listen on and no tokens, expected tokens, since others than this ` +
    'machine reach it; add serve.tokens to the configuration, or listen on 127.0.0.1';
  throw new SoakError('CONFIG_INVALID', line, [line]);
}
