import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { needs } from '../../support/needs.ts';
import { poll } from '../../support/poll.ts';
import { freePort } from '../../support/ports.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { ROOT } from '../../support/root.ts';

const CONFIG = join(ROOT, 'prometheus/prometheus.yml');

test('promtool accepts prometheus.yml', { skip: needs('promtool') }, () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', CONFIG], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});

test('prometheus.yml scrapes job soak on 127.0.0.1:9876', { skip: needs('prometheus') }, async () => {
  const prometheus = await startPrometheus({ configFile: CONFIG });
  try {
    const targets = await poll('target', async () => {
      const list = await prometheus.targets();
      return list.length > 0 ? list : undefined;
    });
    assert.deepEqual(
      targets.map(({ labels, scrapeUrl }) => [labels.job, scrapeUrl]),
      [['soak', 'http://127.0.0.1:9876/metrics']],
    );
  } finally {
    await prometheus.stop();
  }
});

test('the tests’ own Prometheus scrapes, answers queries and goes', {
  skip: needs('prometheus'),
}, async () => {
  let scrapes = 0;
  const server = createServer((_request, response) => {
    scrapes++;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(`# TYPE scrapes_total counter\nscrapes_total ${scrapes}\nedge{sign="+"} +Inf\n`);
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const prometheus = await startPrometheus({ scrape: port });
  try {
    await prometheus.scraped();
    assert.equal(await prometheus.queryValue('up{job="soak"}'), 1);
    const before = scrapes;
    await prometheus.scraped();
    assert.ok((await prometheus.queryValue('scrapes_total')) > before, 'a scrape after the call');
    assert.deepEqual(
      (await prometheus.query('edge')).map(({ labels, value }) => [labels.sign, labels.job, value]),
      [['+', 'soak', Number.POSITIVE_INFINITY]],
    );
    assert.deepEqual(await prometheus.query('nothing'), []);
    assert.equal(
      await prometheus.queryValue('scrapes_total or vector(7)', 1),
      7,
      'at a time before any scrape',
    );
    await assert.rejects(prometheus.queryValue('nothing'), /0 series: wanted one/);
    await assert.rejects(prometheus.query('sum('), /Prometheus: .*parse error/);
  } finally {
    await prometheus.stop();
    server.close();
  }
  await assert.rejects(fetch(prometheus.url));
  assert.equal(existsSync(prometheus.folder), false);
});
