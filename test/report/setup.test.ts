import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adHocConfig } from '../../src/config/ad-hoc.ts';
import { defaultsOf } from '../../src/config/defaults.ts';
import { publicUrl } from '../../src/core/shown-url.ts';
import { setupSummary } from '../../src/report/setup-summary.ts';
import { FACTS } from '../../support/report/samples.ts';

const setupOf = (flags: Parameters<typeof adHocConfig>[0]) => {
  const config = adHocConfig(flags);
  const scenario = config.scenarios['ad-hoc']!;
  return setupSummary(config, scenario, { ...FACTS, defaults: defaultsOf(config.targets) });
};

describe('what was run, in the summary', () => {
  it('lists nothing where every setting is the default', () => {
    const setup = setupOf({ target: 'http://127.0.0.1:8000/' });
    assert.deepEqual(setup.changed, []);
    assert.deepEqual(setup.model, { kind: 'closed', thinkTimeMs: { kind: 'fixed', value: 0 } });
    assert.equal(setup.budget, null);
  });

  it('lists what differs from the defaults, and of what may be secret only that it is set', () => {
    const setup = setupOf({
      target: 'https://127.0.0.1:8000/v1?key=planted-key',
      idleTimeout: '7s',
      minChunks: '3',
      header: ['authorization: Bearer planted-token'],
      body: 'planted-body',
      maxStreams: '10',
    });
    assert.deepEqual(setup.changed, [
      { key: 'targets.target.method', value: 'POST', default: 'GET' },
      { key: 'targets.target.expect.minChunks', value: 3, default: 0 },
      { key: 'targets.target.timeouts.idleMs', value: 7000, default: 30_000 },
      { key: 'targets.target.headers', value: 'set', default: null },
      { key: 'targets.target.body', value: 'set', default: null },
    ]);
    assert.equal(setup.targets[0]!.url, 'https://127.0.0.1:8000/v1?…');
    assert.doesNotMatch(JSON.stringify(setup), /planted/);
  });

  it('the hash is that of the configuration: the same for the same one, another for another', () => {
    const hash = (idleTimeout: string) =>
      setupOf({ target: 'http://127.0.0.1:8000/', idleTimeout }).configurationHash;
    assert.match(hash('7s'), /^[0-9a-f]{64}$/);
    assert.equal(hash('7s'), hash('7s'));
    assert.notEqual(hash('7s'), hash('8s'));
  });

  const urls: readonly [url: string, shown: string][] = [
    ['http://a/b', 'http://a/b'],
    ['http://u:p@a/b', 'http://a/b'],
    ['http://u%40:p@a:80/b?k=v#f', 'http://a:80/b?…'],
    ['http://a/b#secret', 'http://a/b'],
    ['http://a/@b', 'http://a/@b'],
    ['http://a/?x=1@2', 'http://a/?…'],
  ];
  for (const [url, shown] of urls) it(`shows ${url} as ${shown}`, () => assert.equal(publicUrl(url), shown));
});
