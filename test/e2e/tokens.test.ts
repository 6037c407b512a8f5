import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { type Served, serve } from '../../support/service.ts';

const USERS = 4;

/** Takes one token at a time: the old one is worth nothing from the moment at which the new one is first seen. */
class Rotating {
  issued = 'planted-0';
  valid = 'planted-0';
  readonly served = new Map<string, number>();
  /** Requests with an old token, by the token that was valid then. */
  readonly refused = new Map<string, number>();

  take(authorization: string | undefined): boolean {
    const token = authorization?.replace(/^Bearer /, '') ?? 'none';
    if (token === this.issued) this.valid = token;
    const good = token === this.valid;
    const [counts, key] = good ? [this.served, token] : [this.refused, this.valid];
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return good;
  }
}

describe('a token that is refreshed in the middle of a run', () => {
  const apis = { file: new Rotating(), command: new Rotating() };
  const server = createServer((request, response) => {
    const api = apis[request.url!.slice(1) as keyof typeof apis];
    if (!api.take(request.headers.authorization)) {
      response.writeHead(401).end(`no: ${request.headers.authorization}`);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: a\n\n');
    setTimeout(() => response.end('data: [DONE]\n\n'), 20);
  });
  let folder: string;
  let service: Served;

  /** As another program does it: the old file is there until the new one is whole. */
  async function issue(name: keyof typeof apis, token: string, content = `${token}\n`): Promise<void> {
    apis[name].issued = token;
    await writeFile(join(folder, 'next'), content);
    await rename(join(folder, 'next'), join(folder, name));
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soakd-tokens-'));
    await issue('file', 'planted-0');
    await issue('command', 'planted-0');
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const bearer = {
      file: `{ file: ${join(folder, 'file')}, every: 1s }`,
      command: `{ command: [sh, -c, 'cat "$0"', ${join(folder, 'command')}], lifetime: 1s }`,
    };
    const targets = Object.entries(bearer).map(
      ([name, token]) =>
        `  - { name: ${name}, url: "${url}/${name}", terminal: "[DONE]", keepTail: 1KiB, auth: { bearer: ${token} } }`,
    );
    // One thread: of several, one may not have run yet when another already sends the new token.
    service = await serve(`workers: 1
targets:\n${targets.join('\n')}
scenarios:
  both: { targets: [{ name: file }, { name: command }], thinkTime: 5ms, stages: [{ users: ${USERS}, for: 1m }] }\n`);
    assert.equal((await service.startRun('both')).status, 201);
  });
  after(async () => {
    await service?.stop();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is sent by the streams that start from then on; the old one by none but those in flight', async () => {
    for (const token of ['planted-1', 'planted-2']) {
      for (const name of ['file', 'command'] as const) await issue(name, token);
      await poll(
        `20 streams to each with ${token}`,
        () => Object.values(apis).every((api) => (api.served.get(token) ?? 0) >= 20) || undefined,
      );
    }
    for (const [name, { served, refused }] of Object.entries(apis)) {
      assert.ok(served.get('planted-0')! > 0);
      for (const token of ['planted-1', 'planted-2']) {
        const late = refused.get(token) ?? 0;
        assert.ok(late <= USERS, `${name}: ${late} streams with an old token after ${token}`);
      }
    }
  });

  it('that cannot be had leaves the old one, and is counted and told', async () => {
    const failed = async (target: string): Promise<number> =>
      (await service.scrape()).sum('soak_token_refresh_failures_total', `target="${target}"`);
    assert.deepEqual([await failed('file'), await failed('command')], [0, 0]);
    const { served, refused } = apis.file;
    const before = served.get('planted-2')!;
    await writeFile(join(folder, 'file'), '');
    await rm(join(folder, 'command'));
    await poll(
      'failures',
      async () => ((await failed('file')) > 0 && (await failed('command')) > 0) || undefined,
    );
    await poll('streams after it', () => served.get('planted-2')! > before + 10 || undefined);
    await service.program.line(
      /"target":"command","err":"sh ended with code 1".*bearer token refresh failed/,
    );
    // It is tried for again, and found.
    await issue('file', 'planted-3');
    await poll('streams with the next token', () => (served.get('planted-3') ?? 0) > 0 || undefined);
    assert.ok((refused.get('planted-2') ?? 0) <= USERS);
    // Counters are shown once the history has them.
    await poll(
      'five refreshes',
      async () => (await service.scrape()).sum('soak_token_refreshes_total') >= 5 || undefined,
    );
  });

  it('shows in no log, answer or metric, though the target gives it back', async () => {
    await service.stopRun();
    const summary = await service.finished(60_000);
    const paths = ['/metrics', '/api/v1/status', '/api/v1/failures', '/'];
    const answers = await Promise.all(paths.map(async (path) => (await fetch(service.url + path)).text()));
    const shown = [JSON.stringify(summary), ...answers, service.program.output].join('\n');
    assert.doesNotMatch(shown, /planted/);
  });
});
