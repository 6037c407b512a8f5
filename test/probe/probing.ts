import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AdHocFlags, adHocConfig } from '../../src/config/ad-hoc.ts';
import { processSecrets, resolveSecret } from '../../src/config/secrets.ts';
import { type Probed, type ProbeOptions, probe } from '../../src/probe/probe.ts';

export interface Answering extends AsyncDisposable {
  readonly url: string;
  readonly requests: { readonly method: string; readonly headers: Readonly<Record<string, unknown>> }[];
}

/** A server on loopback that counts its requests. */
export async function answering(answer: RequestListener): Promise<Answering> {
  const requests: Answering['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ method: request.method ?? '', headers: request.headers });
    response.on('error', () => {});
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Probes as the command does, in this process. */
export function probeUrl(
  target: string,
  flags: Partial<AdHocFlags> = {},
  more: Partial<ProbeOptions> & { readonly env?: Record<string, string> } = {},
): Promise<Probed> {
  const { env = {}, ...options } = more;
  const { targets, allow } = adHocConfig({ ...flags, target }, { checkSecrets: true, env });
  const secrets = processSecrets(process.cwd(), env);
  return probe({
    target: targets[0]!,
    detect: flags.format === undefined,
    allow,
    version: 'test',
    resolveSecret: (text, into) => resolveSecret(text, secrets, into),
    readFile: (path) => readFileSync(path, 'utf8'),
    env,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    ...options,
  });
}
