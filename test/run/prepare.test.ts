import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { overrideScenario } from '../../src/config/overrides.ts';
import { SoakError } from '../../src/core/errors.ts';
import type { Config, Scenario } from '../../src/core/scenario.ts';
import type { SecretText } from '../../src/core/secret-text.ts';
import type { Target } from '../../src/core/target.ts';
import type { Plan } from '../../src/load/plan.ts';
import { type Deps, preparePlan } from '../../src/run/prepare.ts';
import type { Route } from '../../src/target/route.ts';
import { closed } from '../../support/load/samples.ts';
import { configOf, target } from '../../support/run/samples.ts';

const SECRETS: Readonly<Record<string, string>> = { TOKEN: 's3"cret', OTHER: 'other' };

/** Only what a test gives may be asked for. */
function surroundings(known: Readonly<Record<string, readonly string[]>> = {}) {
  const lookups: string[] = [];
  const resolved: string[] = [];
  const from: Deps = {
    readFile: () => '',
    fetchToken: () => Promise.reject(new Error('no token is asked for')),
    env: {},
    version: '9.9.9',
    counted: ['a', 'b'],
    timingLimits: { ttfb: [2500] },
    lookup: async (host) => {
      lookups.push(host);
      const addresses = known[host];
      if (addresses === undefined) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
    resolveSecret: (text: SecretText, into) =>
      text
        .map((part) => {
          if (typeof part === 'string') return part;
          const name = 'env' in part ? part.env : part.file;
          const value = SECRETS[name];
          if (value === undefined) throw new SoakError('SECRET_MISSING', `not set: ${name}`);
          resolved.push(name);
          return into === 'json' ? JSON.stringify(value).slice(1, -1) : value;
        })
        .join(''),
    simulatorUrl: async (of) => `http://127.0.0.1:${of.name === 'a' ? 4001 : 4002}/sse`,
  };
  return { from, lookups, resolved };
}

function prepare(targets: readonly Target[], from: Deps, overrides: Partial<Config> = {}): Promise<Plan> {
  return preparePlan(
    'run-1',
    configOf(targets, overrides),
    closed({ targets: [{ name: 'a', weight: 1 }] }),
    from,
  );
}

const url = (text: string): Partial<Target> => ({ endpoint: { kind: 'url', url: text } });

describe('address of a target', () => {
  const table: readonly [
    text: string,
    expected: Pick<Route, 'host' | 'port' | 'path' | 'origin'> & { tls: boolean },
  ][] = [
    ['http://127.0.0.1/', { origin: 'http://127.0.0.1', host: '127.0.0.1', port: 80, tls: false, path: '/' }],
    [
      'https://127.0.0.1/',
      { origin: 'https://127.0.0.1', host: '127.0.0.1', port: 443, tls: true, path: '/' },
    ],
    [
      'http://127.0.0.1:8080/a/b?c=d',
      { origin: 'http://127.0.0.1:8080', host: '127.0.0.1', port: 8080, tls: false, path: '/a/b?c=d' },
    ],
    ['http://[::1]:81', { origin: 'http://[::1]:81', host: '::1', port: 81, tls: false, path: '/' }],
    ['http://127.1:5/', { origin: 'http://127.0.0.1:5', host: '127.0.0.1', port: 5, tls: false, path: '/' }],
    [
      'http://127.0.0.1:0/',
      { origin: 'http://127.0.0.1:0', host: '127.0.0.1', port: 0, tls: false, path: '/' },
    ],
  ];
  for (const [text, expected] of table) {
    it(`is read from ${text}`, async () => {
      const { from, lookups } = surroundings();
      const { origin, host, port, tls, path, pinned } = (await prepare([target('a', url(text))], from))
        .targets[0]!.route;
      assert.deepEqual({ origin, host, port, tls: tls !== undefined, path }, expected);
      assert.deepEqual(pinned, [host]);
      assert.deepEqual(lookups, []);
    });
  }

  it('is that of the simulator, where it is one', async () => {
    const { from } = surroundings();
    const plan = await prepare([target('a', { endpoint: { kind: 'simulator', options: {} } })], from);
    assert.deepEqual(
      [plan.targets[0]!.route.origin, plan.targets[0]!.route.path],
      ['http://127.0.0.1:4001', '/sse'],
    );
  });

  it('is asked for only where the scenario loads it; the others keep their place', async () => {
    const { from, lookups, resolved } = surroundings();
    const other = target('x', {
      ...url('http://elsewhere.test/'),
      headers: { authorization: [{ env: 'TOKEN' }] },
    });
    const plan = await prepare([other, target('a'), other], from);
    assert.deepEqual(
      plan.targets.map((t) => [t.name, t.route.host]),
      [
        ['x', ''],
        ['a', '127.0.0.1'],
        ['x', ''],
      ],
    );
    assert.deepEqual([lookups, resolved], [[], []]);
    assert.deepEqual(plan.targets[0]!.headers, []);
  });
});

describe('allowlist at the start of a run', () => {
  const cases: readonly {
    readonly what: string;
    readonly host: string;
    readonly allow: readonly string[];
    readonly points?: readonly string[];
    /** Addresses that may be dialled, or what is said. */
    readonly expected: readonly string[] | RegExp;
    readonly lookedUp: boolean;
  }[] = [
    {
      what: 'loopback by name',
      host: 'localhost',
      allow: [],
      points: ['::1', '127.0.0.1'],
      expected: ['::1', '127.0.0.1'],
      lookedUp: true,
    },
    {
      what: 'a loopback name that points elsewhere',
      host: 'api.localhost',
      allow: [],
      points: ['192.0.2.1'],
      expected: /points to 192\.0\.2\.1, outside/,
      lookedUp: true,
    },
    {
      what: 'a loopback name, of whose addresses one is elsewhere',
      host: 'localhost',
      allow: [],
      points: ['192.0.2.1', '127.0.0.1'],
      expected: ['127.0.0.1'],
      lookedUp: true,
    },
    {
      what: 'a host that nothing names',
      host: 'example.test',
      allow: [],
      expected: /example\.test is refused: it is not on the allowlist.*nothing was sent/,
      lookedUp: false,
    },
    {
      what: 'a host that nothing names, beside others',
      host: 'example.test',
      allow: ['other.test', '.suffix.test'],
      expected: /not on the allowlist/,
      lookedUp: false,
    },
    {
      what: 'an address that nothing covers',
      host: '192.0.2.1',
      allow: ['198.51.100.0/24'],
      expected: /192\.0\.2\.1 is refused/,
      lookedUp: false,
    },
    {
      what: 'an address in a range',
      host: '198.51.100.7',
      allow: ['198.51.100.0/24'],
      expected: ['198.51.100.7'],
      lookedUp: false,
    },
    {
      what: 'the wildcard address',
      host: '0.0.0.0',
      allow: [],
      expected: /0\.0\.0\.0 is refused/,
      lookedUp: false,
    },
    {
      what: 'a host that is named: wherever it points, pinned',
      host: 'example.test',
      allow: ['example.test'],
      points: ['192.0.2.1', '2001:db8::1'],
      expected: ['192.0.2.1', '2001:db8::1'],
      lookedUp: true,
    },
    {
      what: 'a host named by a suffix',
      host: 'api.example.test',
      allow: ['.example.test'],
      points: ['192.0.2.1'],
      expected: ['192.0.2.1'],
      lookedUp: true,
    },
    {
      what: 'an unnamed host that points into a range',
      host: 'db.test',
      allow: ['10.0.0.0/8'],
      points: ['10.1.1.1'],
      expected: ['10.1.1.1'],
      lookedUp: true,
    },
    {
      what: 'an unnamed host that points into a range and out of it',
      host: 'db.test',
      allow: ['10.0.0.0/8'],
      points: ['192.0.2.1', '10.1.1.1'],
      expected: ['10.1.1.1'],
      lookedUp: true,
    },
    {
      what: 'an unnamed host that points elsewhere',
      host: 'db.test',
      allow: ['10.0.0.0/8'],
      points: ['192.0.2.1'],
      expected: /points to 192\.0\.2\.1, outside the allowlist/,
      lookedUp: true,
    },
  ];
  for (const { what, host, allow, points, expected, lookedUp } of cases) {
    it(`${expected instanceof RegExp ? 'refuses' : 'takes'} ${what}`, async () => {
      const { from, lookups } = surroundings(points === undefined ? {} : { [host]: points });
      const prepared = prepare([target('a', url(`http://${host}:8000/`))], from, { allow });
      if (expected instanceof RegExp) {
        await assert.rejects(prepared, (error) => {
          assert.ok(error instanceof SoakError);
          assert.equal(error.code, 'TARGET_NOT_ALLOWED');
          assert.equal(error.exitCode, 3);
          assert.match(error.message, expected);
          assert.match(error.details.join('\n'), new RegExp(`--allow ${host}`));
          return true;
        });
      } else assert.deepEqual((await prepared).targets[0]!.route.pinned, expected);
      assert.deepEqual(lookups, lookedUp ? [host] : []);
    });
  }

  it('says so when a host cannot be looked up', async () => {
    const { from } = surroundings();
    await assert.rejects(
      prepare([target('a', url('http://gone.test/'))], from, { allow: ['gone.test'] }),
      (error) => {
        assert.ok(error instanceof SoakError && error.code === 'CANNOT_START');
        assert.match(error.message, /gone\.test cannot be looked up: getaddrinfo ENOTFOUND/);
        return true;
      },
    );
  });

  it('refuses before a secret is read or anything of the target is looked at', async () => {
    const { from, resolved } = surroundings();
    const refused = target('a', {
      ...url('http://example.test/'),
      headers: { authorization: [{ env: 'TOKEN' }] },
    });
    await assert.rejects(prepare([refused], from));
    assert.deepEqual(resolved, []);
  });
});

describe('credentials of a target', () => {
  const refreshed = { kind: 'command', command: ['x'], lifetimeMs: 60_000 } as const;

  it('are headers, and are kept out of what is shown', async () => {
    const { from } = surroundings();
    const auth = { kind: 'basic', user: ['me'], password: [{ env: 'OTHER' }] } as const;
    const { headers, secrets, tokens } = (await prepare([target('a', { auth })], from)).targets[0]!;
    const coded = Buffer.from('me:other').toString('base64');
    assert.deepEqual(headers.slice(-2), ['authorization', `Basic ${coded}`]);
    assert.deepEqual([secrets, tokens], [[coded, 'other'], undefined]);
  });

  it('that are refreshed are fetched once, for the targets of the scenario alone', async () => {
    const { from } = surroundings();
    const asked: unknown[] = [];
    const fetching: Deps = {
      ...from,
      fetchToken: async (source) => {
        asked.push(source);
        return 'planted';
      },
    };
    const auth = { kind: 'bearer', token: refreshed } as const;
    const { targets } = await prepare([target('a', { auth }), target('b', { auth })], fetching);
    assert.deepEqual(asked, [refreshed]);
    assert.deepEqual(targets[0]!.headers.slice(-2), ['authorization', 'Bearer planted']);
    assert.deepEqual([targets[0]!.secrets, targets[0]!.tokens?.known], [['planted'], ['planted']]);
    assert.deepEqual([targets[1]!.headers, targets[1]!.tokens], [[], undefined]);
  });

  it('come last: nothing is run for a target that is refused', async () => {
    const { from } = surroundings();
    const auth = { kind: 'bearer', token: refreshed } as const;
    const elsewhere = target('a', { ...url('http://elsewhere.test/'), auth });
    // Whoever asks for a token gets an error of another kind here.
    await assert.rejects(prepare([elsewhere], from), { code: 'TARGET_NOT_ALLOWED' });
    await assert.rejects(prepare([target('a', { auth })], from), {
      code: 'CANNOT_START',
      message: 'cannot get the bearer token of a: no token is asked for',
    });
  });
});

describe('request of a target', () => {
  async function prepared(overrides: Partial<Target>) {
    const { from, resolved } = surroundings();
    const plan = await prepare([target('a', overrides)], from);
    const { headers } = plan.targets[0]!;
    const names = headers.filter((_, i) => i % 2 === 0);
    assert.equal(new Set(names).size, names.length, 'a header stands there twice');
    return {
      of: plan.targets[0]!,
      resolved,
      headers: Object.fromEntries(names.map((name, i) => [name, headers[2 * i + 1]])),
    };
  }

  it('asks for the format, unpacked, and says who asks', async () => {
    const { headers } = await prepared({});
    assert.deepEqual(headers, {
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'user-agent': 'soakd/9.9.9',
    });
  });

  it('lets its own headers override the defaults, however they are written', async () => {
    const { headers } = await prepared({
      headers: {
        'User-Agent': ['me'],
        ACCEPT: ['*/*'],
        'X-Extra': ['1'],
        'Content-Type': ['application/x-own'],
      },
      body: { text: ['{}'], json: true },
    });
    assert.deepEqual(headers, {
      accept: '*/*',
      'accept-encoding': 'identity',
      'user-agent': 'me',
      'content-type': 'application/x-own',
      'x-extra': '1',
    });
  });

  it('says that a body is JSON where it is', async () => {
    assert.equal(
      (await prepared({ body: { text: ['{}'], json: true } })).headers['content-type'],
      'application/json',
    );
    assert.equal(
      (await prepared({ body: { text: ['a=b'], json: false } })).headers['content-type'],
      undefined,
    );
    assert.equal((await prepared({})).of.body, undefined);
  });

  it('cuts the body where the prompt comes in', async () => {
    const { of } = await prepared({
      body: { text: ['{"a":"{{prompt}}","b":"{{prompt}}"}'], json: true },
      prompts: ['one', 'two'],
    });
    assert.deepEqual(of.body, { pieces: ['{"a":"', '","b":"', '"}'], json: true });
    assert.deepEqual(of.prompts, ['one', 'two']);
  });

  it('has its secrets filled in, escaped where the body is JSON', async () => {
    const { of, headers, resolved } = await prepared({
      headers: { authorization: ['Bearer ', { env: 'TOKEN' }] },
      body: { text: ['{"key":"', { env: 'TOKEN' }, '","q":"{{prompt}}"}'], json: true },
    });
    assert.equal(headers.authorization, 'Bearer s3"cret');
    assert.deepEqual(of.body!.pieces, ['{"key":"s3\\"cret","q":"', '"}']);
    assert.ok(resolved.length >= 2);
    const plain = await prepared({ body: { text: ['key=', { env: 'TOKEN' }], json: false } });
    assert.deepEqual(plain.of.body!.pieces, ['key=s3"cret']);
  });

  it('fails when a secret is missing', async () => {
    await assert.rejects(prepared({ headers: { authorization: [{ env: 'UNSET' }] } }), (error) => {
      return error instanceof SoakError && error.code === 'SECRET_MISSING' && /UNSET/.test(error.message);
    });
  });

  it('takes the content types of the format, or its own', async () => {
    assert.deepEqual((await prepared({})).of.contentTypes, ['text/event-stream']);
    assert.deepEqual((await prepared({ format: 'raw' })).of.contentTypes, []);
    const expect = { ...target('a').expect, contentType: 'text/plain' };
    assert.deepEqual((await prepared({ expect })).of.contentTypes, ['text/plain']);
  });
});

describe('an LLM API that is not on loopback', () => {
  const away = { 'llm.test': ['192.0.2.7'], 'near.test': ['127.0.0.1'] };
  const attempt = (host: string, format: Target['format'], budget?: Scenario['budget']) => {
    const { from } = surroundings(away);
    const config = configOf([target('a', { ...url(`http://${host}/`), format })], { allow: ['.test'] });
    const scenario = closed({
      targets: [{ name: 'a', weight: 1 }],
      ...(budget === undefined ? {} : { budget }),
    });
    return preparePlan('run-1', config, scenario, from);
  };

  for (const format of ['openai-chat', 'openai-responses', 'anthropic'] as const) {
    it(`needs a budget: ${format}`, async () => {
      await assert.rejects(
        attempt('llm.test', format),
        (error: unknown) =>
          error instanceof SoakError && error.code === 'BUDGET_MISSING' && /no budget/.test(error.message),
      );
      await attempt('llm.test', format, { streams: 5 });
      await attempt('llm.test', format, { cost: 5, prices: { input: 1, output: 1 } });
      await attempt('near.test', format);
    });
  }

  it('needs one of a run that changes its scenario too, which may bring it', async () => {
    const { limits } = configOf([]);
    const longer = overrideScenario(closed(), { users: 5, forMs: 2000, seed: 7 }, limits);
    await assert.rejects(
      attempt('llm.test', 'openai-chat', longer.budget),
      (error: unknown) => error instanceof SoakError && error.code === 'BUDGET_MISSING',
    );
    const bounded = overrideScenario(closed(), { maxStreams: 5 }, limits);
    await attempt('llm.test', 'openai-chat', bounded.budget);
  });

  it('other formats cost nothing', async () => {
    await attempt('llm.test', 'sse');
    await attempt('llm.test', 'ollama');
  });
});
