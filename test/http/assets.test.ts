import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { describe, it } from 'node:test';
import { Assets, pageAssets } from '../../src/http/assets.ts';
import { RATES } from '../../src/http/gate.ts';
import { GUARDED, stubApp } from '../../support/http/stub.ts';

const BUILD = pageAssets().build;
/** Not in a comment: a path has no space. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"]([\w./-]+\.js|[a-z][\w/-]*)['"]/g;

describe('files of the page', () => {
  it('import only what is served, without an import map', () => {
    const assets = pageAssets();
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const asset = assets.get(path);
      assert.ok(asset !== undefined, `${path} is not served`);
      for (const [, to] of asset.toString().matchAll(IMPORT)) visit(posix.join(posix.dirname(path), to!));
    };
    visit('web/main.js');
    // A module that no other imports is served in vain, unless it has types alone.
    const scripts = assets.paths.filter(
      (path) =>
        path.endsWith('.js') &&
        (path.startsWith('vendor/') || /^\s*(?:import|export) *\S/m.test(assets.get(path)!.toString())),
    );
    assert.deepEqual([...seen].sort(), [...scripts].sort());
  });

  it('are JavaScript and styles with the policy of the page, and need no token', async () => {
    const { inject } = stubApp({ access: () => GUARDED });
    for (const [path, type] of [
      ['web/main.js', 'text/javascript; charset=utf-8'],
      ['core/duration.js', 'text/javascript; charset=utf-8'],
      ['web/style.css', 'text/css; charset=utf-8'],
      ['vendor/uplot.css', 'text/css; charset=utf-8'],
      ['vendor/preact.js', 'text/javascript; charset=utf-8'],
    ]) {
      const { statusCode, headers } = await inject({ url: `/assets/${BUILD}/${path}` });
      assert.equal(statusCode, 200, path);
      assert.equal(headers['content-type'], type);
      assert.match(String(headers['content-security-policy']), /script-src 'self'/);
      assert.equal(headers['x-content-type-options'], 'nosniff');
    }
  });

  it('are kept by browsers under the URLs of their build, and not under others', async () => {
    const { inject } = stubApp();
    const page = (await inject({ url: '/' })).body;
    const urls = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, url]) => url!);
    assert.equal(urls.length, 3);
    for (const url of urls) {
      const { statusCode, headers } = await inject({ url });
      assert.deepEqual([statusCode, headers['cache-control']], [200, 'public, max-age=31536000, immutable']);
    }
    const other = await inject({ url: '/assets/0123456789abcdef/web/main.js' });
    assert.deepEqual([other.statusCode, other.headers['cache-control']], [200, 'no-store']);
  });

  it('cannot use up the limit of health, and ten pages can be loaded at once', async () => {
    const { inject } = stubApp({}, { rates: RATES });
    const { paths } = new Assets();
    for (let page = 0; page < 10; page++)
      for (const path of paths)
        assert.equal((await inject({ url: `/assets/${BUILD}/${path}` })).statusCode, 200, `page ${page}`);
    let status = 200;
    while (status === 200) status = (await inject({ url: `/assets/${BUILD}/web/main.js` })).statusCode;
    assert.equal(status, 429);
    for (const url of ['/-/healthy', '/-/ready', '/metrics', '/api/v1/status'])
      assert.equal((await inject({ url })).statusCode, 200, url);
  });

  it('are no other files', async () => {
    const { inject } = stubApp();
    for (const path of [
      'web/nothing.js',
      'web/main.ts',
      'web/tsconfig.json',
      'core/scenario.js',
      'web/..%2fmain.js',
      'web/%2e%2e',
      '../package.json',
      '../../package.json',
      'vendor/preact.mjs',
    ]) {
      const { statusCode } = await inject({ url: `/assets/${BUILD}/${path}` });
      assert.ok(statusCode === 404 || statusCode === 400, `${path}: ${statusCode}`);
    }
  });
});
