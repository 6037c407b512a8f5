import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Checks } from './checks.ts';
import type { Project } from './compose.ts';
import { getJson, request } from './http.ts';
import { until } from './until.ts';

const SOAKD = 'http://127.0.0.1:9876';

interface Status {
  readonly state: string;
  readonly run: { readonly scenario: string } | null;
}

export interface OutsideOptions {
  readonly project: Project;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** Between soakd in its container and this machine, in both directions. */
export async function checkOutside(
  checks: Checks,
  { project, token, signal }: OutsideOptions,
): Promise<void> {
  await checks.that('without a token soakd tells and does nothing', async () => {
    const answers = await Promise.all([
      request(`${SOAKD}/api/v1/status`, { signal }),
      request(`${SOAKD}/api/v1/runs/current/stop`, { signal, method: 'POST' }),
      request(`${SOAKD}/api/v1/runs/current/stop`, { signal, method: 'POST', token: `${token}0` }),
    ]);
    const statuses = answers.map(({ status }) => status);
    if (statuses.some((status) => status !== 401)) throw new Error(`it answers ${statuses.join(', ')}`);
    return `three times ${statuses[0]}`;
  });
  await checks.that('with it the demo runs', async () => {
    const { state, run } = await until(
      'run',
      async () => {
        const status = await getJson<Status>(`${SOAKD}/api/v1/status`, { signal, token });
        return status.run === null ? undefined : status;
      },
      { signal, timeoutMs: 10_000 },
    );
    if (state !== 'running') throw new Error(state);
    return `scenario ${run?.scenario} is ${state}`;
  });
  await checks.that('soakd reaches a stream of this machine', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end('data: hello\n\ndata: [DONE]\n\n');
    });
    // All of this network, which has this machine and its containers in it and nobody else.
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    try {
      const url = `http://host.docker.internal:${(server.address() as AddressInfo).port}/`;
      const { Id } = await project.container('soakd');
      const probe = ['probe', url, '--allow', 'host.docker.internal', '--terminal', '[DONE]', '--json'];
      await project.engine.docker(['exec', Id, 'node', '/app/src/cli/main.ts', ...probe]);
      return url;
    } finally {
      server.close();
    }
  });
}
