import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildAllowlist } from '../../src/core/allow.ts';
import { SoakError } from '../../src/core/errors.ts';
import type { ConnectOptions } from '../../src/core/target.ts';
import type { Environment } from '../../src/target/proxy-environment.ts';
import { type ResolvedRoute, resolveRoute } from '../../src/target/route.ts';

const PROXY = 'http://proxy.example:3128';
const ENV = { http_proxy: PROXY, HTTPS_PROXY: PROXY };
const ADDRESSES: Readonly<Record<string, string>> = {
  'proxy.example': '192.0.2.9',
  'llm.example': '192.0.2.1',
  'near.example': '127.0.0.1',
  localhost: '127.0.0.1',
};

interface Asked {
  readonly url: string;
  readonly connectOptions?: ConnectOptions;
  readonly env?: Environment;
  readonly allow?: readonly string[];
}

const lookups: string[] = [];
function route({
  url,
  connectOptions = {},
  env = {},
  allow = ['llm.example', 'proxy.example'],
}: Asked): Promise<ResolvedRoute> {
  lookups.length = 0;
  return resolveRoute({ name: 'a', ...connectOptions }, new URL(url), buildAllowlist(allow), {
    env,
    readFile: () => '',
    resolveSecret: (text) => text.map((part) => (typeof part === 'string' ? part : 'planted')).join(''),
    lookup: async (host, names) => {
      lookups.push(host);
      const found = names?.fixed[host] ?? [ADDRESSES[host]!];
      return found.map((address) => ({ address, family: 4 }));
    },
  });
}

describe('the road to a target', () => {
  const table: readonly [what: string, asked: Asked, proxy: string | undefined, path: string][] = [
    ['without a proxy', { url: 'https://llm.example/x' }, undefined, '/x'],
    ['by the environment', { url: 'https://llm.example/x', env: ENV }, 'proxy.example:3128', '/x'],
    [
      'of plain HTTP by the environment: the whole URL is asked for',
      { url: 'http://llm.example/x?y=z', env: ENV },
      'proxy.example:3128',
      'http://llm.example/x?y=z',
    ],
    [
      'with its own port',
      { url: 'http://llm.example:8080', env: { http_proxy: PROXY } },
      'proxy.example:3128',
      'http://llm.example:8080/',
    ],
    [
      'by an environment without a scheme',
      { url: 'https://llm.example/', env: { https_proxy: 'proxy.example:1' } },
      'proxy.example:1',
      '/',
    ],
    [
      'by an environment without a port',
      { url: 'https://llm.example/', env: { https_proxy: 'http://proxy.example' } },
      'proxy.example:80',
      '/',
    ],
    [
      'of the target',
      { url: 'https://llm.example/', connectOptions: { proxy: { url: PROXY } } },
      'proxy.example:3128',
      '/',
    ],
    [
      'of the target before that of the environment',
      {
        url: 'https://llm.example/',
        connectOptions: { proxy: { url: PROXY } },
        env: { https_proxy: 'http://other.example:1' },
      },
      'proxy.example:3128',
      '/',
    ],
    [
      'with proxy: none',
      { url: 'https://llm.example/', connectOptions: { proxy: 'none' }, env: ENV },
      undefined,
      '/',
    ],
    [
      'where no_proxy exempts it',
      { url: 'https://llm.example/', env: { ...ENV, no_proxy: '.example' } },
      undefined,
      '/',
    ],
    [
      'no_proxy is for the environment alone',
      { url: 'https://llm.example/', connectOptions: { proxy: { url: PROXY } }, env: { no_proxy: '*' } },
      'proxy.example:3128',
      '/',
    ],
    ['on loopback', { url: 'https://127.0.0.1/', env: ENV }, undefined, '/'],
    ['on localhost', { url: 'http://localhost/', env: ENV }, undefined, '/'],
    [
      'with addresses of its own',
      {
        url: 'http://llm.example/',
        env: ENV,
        connectOptions: { names: { fixed: { 'llm.example': ['192.0.2.7'] }, servers: [] } },
      },
      undefined,
      '/',
    ],
    [
      'with DNS servers of its own',
      {
        url: 'http://llm.example/',
        env: ENV,
        connectOptions: { names: { fixed: {}, servers: ['127.0.0.1'] } },
      },
      undefined,
      '/',
    ],
    [
      'by a Unix socket',
      { url: 'http://far.example/', env: ENV, connectOptions: { socketPath: '/run/x.sock' } },
      undefined,
      '/',
    ],
  ];
  for (const [what, asked, proxy, path] of table) {
    it(what, async () => {
      const { route: found } = await route(asked);
      const { proxy: hop } = found;
      assert.equal(hop === undefined ? undefined : `${hop.host}:${hop.port}`, proxy);
      assert.equal(found.path, path);
      // Nobody but the proxy looks up what is behind it.
      if (proxy !== undefined) {
        assert.deepEqual(lookups, ['proxy.example']);
        assert.deepEqual(found.pinned, ['192.0.2.9']);
      }
    });
  }

  it('pins the addresses of the configuration', async () => {
    const names = { fixed: { 'llm.example': ['192.0.2.7', '192.0.2.8'] }, servers: [] };
    assert.deepEqual((await route({ url: 'http://llm.example/', connectOptions: { names } })).route.pinned, [
      '192.0.2.7',
      '192.0.2.8',
    ]);
  });

  it('by a Unix socket asks for no permission and no address', async () => {
    const { route: found, local } = await route({
      url: 'https://far.example/',
      connectOptions: { socketPath: '/x.sock' },
      allow: [],
    });
    assert.deepEqual(
      [found.socketPath, found.pinned, found.host, local, lookups],
      ['/x.sock', [], 'far.example', true, []],
    );
  });

  it('ends on this machine, or not: a proxy here changes nothing', async () => {
    const proxy = { url: 'http://127.0.0.1:3128' };
    for (const [asked, local] of [
      [{ url: 'http://127.0.0.1/' }, true],
      [{ url: 'http://llm.example/' }, false],
      [{ url: 'http://near.example/', allow: ['near.example'] }, true],
      [{ url: 'http://llm.example/', connectOptions: { proxy } }, false],
      [{ url: 'http://localhost/', connectOptions: { proxy } }, true],
      // Where the proxy leads by this name is not known here.
      [{ url: 'http://near.example/', connectOptions: { proxy }, allow: ['near.example'] }, false],
    ] as const) {
      assert.equal((await route(asked)).local, local, JSON.stringify(asked));
    }
  });
});

describe('credentials of a proxy', () => {
  const coded = Buffer.from('me:planted').toString('base64');
  const auth = { user: ['me'], password: [{ env: 'X' }] };

  it('go with CONNECT where TLS goes through a tunnel', async () => {
    const {
      route: found,
      headers,
      secrets,
    } = await route({ url: 'https://llm.example/', connectOptions: { proxy: { url: PROXY, auth } } });
    assert.equal(found.proxy?.authorization, `Basic ${coded}`);
    assert.deepEqual([headers, secrets], [[], [coded, 'planted']]);
  });

  it('go with each request else', async () => {
    const { headers, secrets } = await route({
      url: 'http://llm.example/',
      connectOptions: { proxy: { url: PROXY, auth } },
    });
    assert.deepEqual(headers, ['proxy-authorization', `Basic ${coded}`]);
    assert.deepEqual(secrets, [coded, 'planted']);
  });

  it('may stand in the environment, coded as in a URL', async () => {
    const env = { https_proxy: 'http://me:pl%61nted@proxy.example:3128' };
    const { route: found, secrets } = await route({ url: 'https://llm.example/', env });
    assert.equal(found.proxy?.authorization, `Basic ${coded}`);
    assert.deepEqual(secrets, [coded, 'planted']);
  });
});

describe('a road that is refused', () => {
  const cases: readonly [what: string, asked: Asked, code: string, message: RegExp][] = [
    [
      'to a proxy that nothing names',
      { url: 'https://llm.example/', env: ENV, allow: ['llm.example'] },
      'TARGET_NOT_ALLOWED',
      /^proxy\.example, the proxy of a \(from HTTPS_PROXY of the environment\), is refused: .*nothing was sent$/,
    ],
    [
      'to a target that nothing names, behind a proxy',
      { url: 'https://far.example/', env: ENV },
      'TARGET_NOT_ALLOWED',
      /^far\.example is refused: it is not on the allowlist \(the proxy of a, proxy\.example, is from HTTPS_PROXY/,
    ],
    [
      'to a name behind a proxy that only a range could allow',
      {
        url: 'https://far.example/',
        connectOptions: { proxy: { url: PROXY } },
        allow: ['10.0.0.0/8', 'proxy.example'],
      },
      'TARGET_NOT_ALLOWED',
      /^far\.example is refused: its proxy looks its name up, so a range of the allowlist says nothing of it/,
    ],
    [
      'to this machine, by a proxy that is another',
      { url: 'http://127.0.0.1/', connectOptions: { proxy: { url: PROXY } } },
      'TARGET_NOT_ALLOWED',
      /^127\.0\.0\.1 is refused: seen from its proxy it is the proxy's own machine/,
    ],
    [
      'to a proxy whose name points elsewhere than its range',
      { url: 'https://llm.example/', env: ENV, allow: ['llm.example', '10.0.0.0/8'] },
      'TARGET_NOT_ALLOWED',
      /^proxy\.example is refused: it points to 192\.0\.2\.9, outside the allowlist/,
    ],
    [
      'by a proxy of another kind',
      { url: 'https://llm.example/', env: { all_proxy: 'socks5://me:planted@proxy.example:1080' } },
      'CANNOT_START',
      /^all_proxy of the environment holds a socks5:\/\/ URL, and a would go through that/,
    ],
    [
      'by no URL',
      { url: 'https://llm.example/', env: { https_proxy: 'http://me:planted@:x' } },
      'CANNOT_START',
      /holds no URL/,
    ],
  ];
  for (const [what, asked, code, message] of cases) {
    it(what, async () => {
      await assert.rejects(route(asked), (error) => {
        assert.ok(error instanceof SoakError);
        assert.deepEqual([error.code, error.details.length], [code, 1]);
        assert.match(error.message, message);
        assert.doesNotMatch([error.message, ...error.details].join(), /planted/);
        return true;
      });
    });
  }

  it('an address within an allowed range may be behind a proxy: it is what it says', async () => {
    const asked = { url: 'http://10.1.2.3/', env: ENV, allow: ['10.0.0.0/8', 'proxy.example'] };
    assert.equal((await route(asked)).route.path, 'http://10.1.2.3/');
  });
});
