import type { BasicAuth, ConnectOptions } from '../core/connect-options.ts';
import { shownHeader } from './secret-headers.ts';

/**
 * @param text writes a text of YAML
 * @returns lines of a target that say how it is reached; a secret that was typed out is a reference
 */
export function connectLines(
  { tls, auth, proxy, socketPath, http2, transport }: ConnectOptions,
  text: (value: string) => string,
): string[] {
  const flow = (entries: readonly (readonly [string, string | undefined])[]): string =>
    `{ ${entries.flatMap(([key, value]) => (value === undefined ? [] : `${key}: ${value}`)).join(', ')} }`;
  const written = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : text(value);
  const pair = (given: BasicAuth): string =>
    flow([
      ['user', text(shownHeader('user', given.user))],
      ['password', text(shownHeader('password', given.password))],
    ]);
  const lines: string[] = [];
  if (tls !== undefined) {
    const { caFile, certFile, keyFile, passphrase, serverName } = tls;
    const entries = flow([
      ['ca', written(caFile)],
      ['cert', written(certFile)],
      ['key', written(keyFile)],
      ['passphrase', passphrase === undefined ? undefined : text(shownHeader('key-password', passphrase))],
      ['serverName', written(serverName)],
    ]);
    lines.push(`    tls: ${entries}`);
  }
  if (auth?.kind === 'basic') lines.push(`    auth: { basic: ${pair(auth)} }`);
  // A probe knows no other kind of token.
  if (auth?.kind === 'bearer' && auth.token.kind === 'text')
    lines.push(`    auth: { bearer: ${text(shownHeader('api-key', auth.token.text))} }`);
  if (proxy !== undefined) lines.push(`    proxy: ${text(proxy === 'none' ? proxy : proxy.url)}`);
  if (socketPath !== undefined) lines.push(`    socket: ${text(socketPath)}`);
  if (http2 !== undefined) lines.push(`    http2: { streamsPerConnection: ${http2.streamsPerConnection} }`);
  if (transport !== undefined) lines.push(`    transport: ${transport}`);
  return lines;
}
