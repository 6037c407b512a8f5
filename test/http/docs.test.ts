import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { mostOfClient } from '../../src/http/connections.ts';
import { RATES } from '../../src/http/gate.ts';
import { MAX_CONNECTIONS, MAX_URL, SERVER_OPTIONS } from '../../src/http/server.ts';
import { connectionBound } from '../../src/machine/descriptors.ts';
import { routesOf, stubApp } from '../../support/http/stub.ts';
import { ROOT } from '../../support/root.ts';

const DOCS = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
/** Without line ends: a sentence may go over them. */
const TEXT = DOCS.replaceAll(/\s+/g, ' ');

describe('docs/api.md', () => {
  it('has every route of the app, and no other', async () => {
    const routes = (await routesOf(stubApp().app))
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, url }) => `${method} ${url}`);
    const table = DOCS.slice(0, DOCS.indexOf('```'));
    const shown = [...table.matchAll(/`((?:GET|POST|PATCH|DELETE) [^`?]+)/g)].map((m) => m[1]!);
    assert.deepEqual(shown.sort(), routes.sort());
  });

  it('has the limits that the code has', () => {
    const row = (what: string): string => DOCS.split('\n').find((line) => line.startsWith(`| ${what}`)) ?? '';
    const rate = ({ perSecond, burst }: { perSecond: number; burst: number }): string =>
      `${perSecond} a second, bursts of ${burst}`;
    assert.ok(row('read requests').includes(rate(RATES.read)));
    assert.ok(row('write requests').includes(rate(RATES.operate)));
    assert.ok(row('all requests').includes(rate(RATES.allApi)));
    assert.ok(row('metrics').includes(rate(RATES.metrics)));
    const { scrapes } = RATES;
    assert.ok(TEXT.includes(`at most ${scrapes.perSecond} times a second (bursts of ${scrapes.burst})`));
    assert.ok(row('health').includes(rate(RATES.health)));
    const { perSecond, burst } = RATES.failure;
    assert.ok(row('wrong tokens').includes(`${burst}, then ${Math.round(perSecond * 60)} a minute`));
    assert.ok(row('body').includes(`${SERVER_OPTIONS.bodyLimit / 1024} KiB`));
    assert.ok(row('URL').includes(`${MAX_URL} characters`));
    assert.ok(row('headers').includes(`${SERVER_OPTIONS.http.maxHeaderSize / 1024} KiB`));
    const { requestTimeout, http, maxRequestsPerSocket } = SERVER_OPTIONS;
    assert.ok(
      row('a request').includes(`${requestTimeout / 1000} s, its headers ${http.headersTimeout / 1000} s`),
    );
    assert.ok(
      row('connections').includes(`${MAX_CONNECTIONS}, and ${maxRequestsPerSocket} requests on each`),
    );
    assert.ok(row('connections of one').includes(`: ${mostOfClient(MAX_CONNECTIONS)} (`));
    const [plenty, short] = [true, false].map((isPlenty) =>
      connectionBound(MAX_CONNECTIONS, 8000, () => isPlenty),
    );
    assert.equal(plenty!(), MAX_CONNECTIONS);
    assert.ok(TEXT.includes(`the main listener accepts ${short!()} connections`));
  });
});
