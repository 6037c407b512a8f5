import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { soakd } from '../../support/process.ts';
import { Scrape, type Served, serve } from '../../support/service.ts';

const TOKEN = 'planted-metrics-0123456789';
const REST = `
targets: [{ name: simulator, simulator: { preset: quick } }]
scenarios: { demo: { target: simulator, stages: [{ users: 1, for: 1s }] } }
`;
const yaml = (port: number): string =>
  `serve: { metrics: { port: ${port} }, tokens: [{ name: op, role: operate, token: "\${env:METRICS_TOKEN}" }] }${REST}`;
const WITH = { headers: { authorization: `Bearer ${TOKEN}` } };

/** Addresses of clients: each may have a quarter of the connections of the main listener. */
const CROWD = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'];
const EACH = 250;

describe('a port of its own for metrics', () => {
  let soak: Served;
  let url: string;
  let port: number;
  const sockets: Socket[] = [];
  /** An idle connection that reads, so that its end is seen. */
  const open = async (to: number, localAddress: string): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: to, localAddress });
    socket.on('error', () => {}).resume();
    sockets.push(socket);
    await once(socket, 'connect');
    return socket;
  };

  before(async () => {
    port = await freePort();
    url = `http://127.0.0.1:${port}`;
    soak = await serve(yaml(port), { METRICS_TOKEN: TOKEN });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await soak.stop();
  });

  it('has metrics and health, with the tokens of the API, and nothing else', async () => {
    assert.match(soak.program.output, new RegExp(`"metricsUrl":"${url}"`));
    for (const at of [url, soak.url]) {
      assert.equal((await fetch(`${at}/metrics`)).status, 401);
      const scrape = new Scrape(await (await fetch(`${at}/metrics`, WITH)).text());
      assert.equal(scrape.sum('soak_run_active'), 0);
      for (const path of ['/-/healthy', '/-/ready']) assert.equal((await fetch(at + path)).status, 200);
    }
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/api/v1/status'],
      ['GET', '/api/v1/openapi.json'],
      ['POST', '/-/reload'],
    ] as const) {
      const answer = await fetch(url + path, { method, ...WITH });
      assert.equal(answer.status, 404, path);
      assert.match(await answer.text(), /not on this listener/);
    }
    assert.equal((await fetch(`${url}/metrics`, { method: 'POST', ...WITH })).status, 405);
  });

  it('answers, and keeps its connections, while idle ones fill the main listener', {
    skip: process.platform !== 'linux' && 'needs all of 127.0.0.0/8',
  }, async () => {
    const scraper = await open(port, '127.0.0.1');
    const main = await open(soak.port, '127.0.0.1');
    let mainClosed = false;
    main.on('close', () => {
      mainClosed = true;
    });
    for (const address of CROWD)
      await Promise.all(Array.from({ length: EACH }, () => open(soak.port, address)));
    // The main listener is full: it has closed the connections that were silent longest.
    await poll('connections closed early', () => sockets.some((socket) => socket.closed) || undefined);
    for (let n = 0; n < 3; n++) {
      assert.equal((await fetch(`${url}/-/healthy`)).status, 200);
      assert.equal((await fetch(`${url}/metrics`, WITH)).status, 200);
    }
    assert.equal(scraper.closed, false, `the first of the main listener closed: ${mainClosed}`);
    // Its own bound: 32 connections, a quarter of them of one address.
    const many = await Promise.all(Array.from({ length: 40 }, () => open(port, '127.0.0.7')));
    await poll('the bound', () => many.filter((socket) => !socket.closed).length === 8 || undefined);
    assert.equal(scraper.closed, false);
  });

  it('needs a restart to change', async () => {
    await writeFile(soak.file, yaml(port === 65_000 ? 64_000 : 65_000));
    const answer = await fetch(`${soak.url}/-/reload`, { method: 'POST', ...WITH });
    assert.deepEqual(((await answer.json()) as { restart: string[] }).restart, [
      'serve.metrics.port: changed',
    ]);
  });

  it('ends soakd with 4 where it is taken, and says which setting to change', async () => {
    await writeFile(soak.file, yaml(port));
    const second = soakd(['serve', '--config', soak.file, '--port', '0', '--data', 'none'], {
      env: { METRICS_TOKEN: TOKEN },
    });
    const { code } = await second.ended(30_000);
    assert.equal(code, 4, second.output);
    assert.match(
      second.output,
      new RegExp(`port ${port} of 127.0.0.1 is taken; give another with serve.metrics.port`),
    );
  });
});
