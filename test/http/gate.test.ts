import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Access } from '../../src/core/access.ts';
import { TokenTable } from '../../src/http/authorization.ts';
import { clientKey } from '../../src/http/client-key.ts';
import { type Asking, Gate, RATES, type Requirement } from '../../src/http/gate.ts';
import { RateLimit } from '../../src/http/rate-limit.ts';
import { requireTokens } from '../../src/http/require-tokens.ts';
import { Scrapes } from '../../src/http/scrapes.ts';
import { GUARDED, OPEN_ACCESS, TOKENS } from '../../support/http/stub.ts';

describe('a bucket', () => {
  it('lets a burst through, then as many as come back', () => {
    const limit = new RateLimit({ perSecond: 10, burst: 3 });
    const at = (nowMs: number): number => limit.take('a', nowMs);
    assert.deepEqual([at(0), at(0), at(0)], [0, 0, 0]);
    assert.equal(at(0), 100, 'the next is there in 100 ms');
    assert.equal(at(50), 50);
    assert.equal(at(100), 0);
    assert.equal(at(100), 100);
    assert.deepEqual([at(10_000), at(10_000), at(10_000)], [0, 0, 0], 'it is full again, and no fuller');
    assert.ok(at(10_000) > 0);
  });

  it('lets exactly the rate through in the long run, whatever the rounding', () => {
    const limit = new RateLimit({ perSecond: 50, burst: 100 });
    let through = 0;
    for (let ms = 0; ms < 60_000; ms += 7) if (limit.take('a', ms) === 0) through++;
    assert.ok(through >= 3000 && through <= 3100, String(through));
  });

  it('takes nothing to look, and nothing from others', () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1 });
    for (let i = 0; i < 5; i++) assert.equal(limit.wait('a', 0), 0);
    assert.equal(limit.take('a', 0), 0);
    assert.equal(limit.wait('a', 0), 1000);
    assert.equal(limit.take('b', 0), 0);
  });

  it('is remembered for so many only, and those are the latest', () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1 }, 100);
    for (let i = 0; i < 1000; i++) limit.take(`a${i}`, 0);
    assert.equal(limit.size, 100);
    assert.ok(limit.wait('a999', 0) > 0);
    assert.equal(limit.wait('a0', 0), 0);
  });

  it('is not fooled by a clock that stands still or goes back', () => {
    const limit = new RateLimit({ perSecond: 1, burst: 1 });
    limit.take('a', 1000);
    assert.equal(limit.take('a', 0), 1000);
  });
});

describe('one client', () => {
  for (const [address, key] of [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['1::2:3:4:5:6:7', '1:0:2:3'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4'],
    ['', ''],
  ] as const) {
    it(`is ${JSON.stringify(key)} for ${JSON.stringify(address)}`, () =>
      assert.equal(clientKey(address), key));
  }
});

describe('a table of tokens', () => {
  it('finds whose a token is, at any place, and looks at all of them', () => {
    const tokens = Array.from({ length: 50 }, (_, i) => ({
      name: `t${i}`,
      role: 'read' as const,
      value: `value-${i}-0123456789`,
    }));
    const table = new TokenTable(tokens);
    for (const { name, value } of tokens) assert.equal(table.holder(value)?.name, name);
    for (const none of ['', 'value', `${tokens[3]!.value} `, 'x'.repeat(100_000)]) {
      assert.equal(table.holder(none), undefined);
    }
  });
});

describe('listening', () => {
  for (const [host, allowed] of [
    ['127.0.0.1', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['192.168.1.5', false],
    // A name may point anywhere, and elsewhere tomorrow.
    ['this-machine.example', false],
    ['', false],
  ] as const) {
    it(`on ${host || 'nothing'} ${allowed ? 'needs no' : 'needs a'} token`, () => {
      requireTokens(host, GUARDED);
      if (allowed) requireTokens(host, OPEN_ACCESS);
      else assert.throws(() => requireTokens(host, OPEN_ACCESS), { code: 'CONFIG_INVALID', exitCode: 2 });
    });
  }
});

/** A gate with the rates of the product and a clock of its own. */
function gate(access: Access) {
  let nowMs = 0;
  const built = new Gate(
    () => access,
    () => nowMs,
    RATES,
  );
  const ask = (requirement: Requirement, address: string, token?: string, more: Partial<Asking> = {}) =>
    built.admit({
      requirement,
      safe: requirement !== 'operate',
      address,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...more,
    });
  return {
    later: (ms: number) => {
      nowMs += ms;
    },
    /** @returns the name of who was let in, or the code of the refusal */
    ask: (...args: Parameters<typeof ask>): string => {
      const admission = ask(...args);
      return 'by' in admission ? admission.by! : admission.refusal.code;
    },
    headers: (...args: Parameters<typeof ask>): Readonly<Record<string, string>> => {
      const admission = ask(...args);
      assert.ok('refusal' in admission);
      return admission.headers;
    },
  };
}

const times = <T>(n: number, make: () => T): T[] => Array.from({ length: n }, make);
const counts = (all: readonly string[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(all, (one) => one)].map(([key, some]) => [key, some.length]));

describe('scrapes', () => {
  it('are made as often as they may be, then the last one is served, and a failed one never', async () => {
    let nowMs = 0;
    let made = 0;
    let broken = false;
    const scrapes = new Scrapes(
      async () => {
        if (broken) throw new Error('broken');
        return { text: String(++made), contentType: 'text/plain' };
      },
      () => nowMs,
      { perSecond: 10, burst: 3 },
    );
    const texts = async (n: number): Promise<string> =>
      (await Promise.all(times(n, () => scrapes.get()))).map(({ text }) => text).join();
    assert.equal(await texts(6), '1,2,3,3,3,3');
    nowMs += 100;
    assert.equal(await texts(3), '4,4,4');
    broken = true;
    nowMs += 100;
    await assert.rejects(scrapes.get());
    await assert.rejects(scrapes.get(), 'there is none to serve');
    broken = false;
    assert.equal(await texts(2), '5,5');
  });
});

describe('the gate', () => {
  it('lets a client ask 100 at once and 50 a second, change 20 at once and 10 a second', () => {
    const { ask, later, headers } = gate(OPEN_ACCESS);
    assert.deepEqual(counts(times(150, () => ask('read', '127.0.0.1'))), {
      local: 100,
      TOO_MANY_REQUESTS: 50,
    });
    assert.deepEqual(counts(times(30, () => ask('operate', '127.0.0.1'))), {
      local: 20,
      TOO_MANY_REQUESTS: 10,
    });
    assert.deepEqual(headers('read', '127.0.0.1'), { 'retry-after': '1' });
    later(1000);
    assert.deepEqual(counts(times(150, () => ask('read', '127.0.0.1'))), {
      local: 50,
      TOO_MANY_REQUESTS: 100,
    });
    assert.deepEqual(counts(times(30, () => ask('operate', '127.0.0.1'))), {
      local: 10,
      TOO_MANY_REQUESTS: 20,
    });
  });

  it('lets all of them together ask 400 at once, and knows the others apart', () => {
    const { ask } = gate(OPEN_ACCESS);
    const all = times(10, () => 0).flatMap((_, i) => times(90, () => ask('read', `127.0.0.${i + 1}`)));
    assert.deepEqual(counts(all), { local: 400, TOO_MANY_REQUESTS: 500 });
  });

  it('has room for Prometheus and for probes whatever else is asked', () => {
    const { ask } = gate(OPEN_ACCESS);
    for (let i = 1; i < 200; i++) times(200, () => ask('read', `127.0.0.${i}`));
    assert.equal(ask('read', '127.0.0.201'), 'TOO_MANY_REQUESTS');
    assert.equal(ask('metrics', '127.0.0.1'), 'local');
    assert.equal(ask('open', '127.0.0.1'), 'local');
    times(1000, () => ask('metrics', '127.0.0.1'));
    assert.equal(ask('metrics', '127.0.0.1'), 'TOO_MANY_REQUESTS');
    assert.equal(ask('metrics', '127.0.0.2'), 'local', 'of another client');
    assert.equal(ask('open', '127.0.0.1'), 'local');
  });

  it('has room for those who have a token whatever strangers send', () => {
    const { ask } = gate(GUARDED);
    const strangers = times(5000, () => ask('read', '10.0.0.1'));
    assert.deepEqual(counts(strangers), { UNAUTHORIZED: 5000 });
    times(5000, () => ask('read', '10.0.0.2', 'wrong'));
    times(5000, () => ask('metrics', '10.0.0.2', 'wrong'));
    assert.equal(ask('read', '10.0.0.3', TOKENS.read), 'prometheus');
    assert.equal(ask('metrics', '10.0.0.1', TOKENS.read), 'prometheus');
  });

  it('takes ten wrong tokens from one client, then one every six seconds, and says when', () => {
    const { ask, later, headers } = gate(GUARDED);
    assert.deepEqual(counts(times(15, () => ask('read', '10.0.0.1', 'wrong'))), {
      UNAUTHORIZED: 10,
      TOO_MANY_REQUESTS: 5,
    });
    assert.deepEqual(headers('read', '10.0.0.1', 'wrong'), { 'retry-after': '6' });
    assert.equal(
      ask('read', '10.0.0.1', TOKENS.read),
      'TOO_MANY_REQUESTS',
      'the right one tells nothing either',
    );
    assert.equal(ask('read', '10.0.0.2', TOKENS.read), 'prometheus', 'from elsewhere it is taken');
    later(6000);
    assert.equal(ask('read', '10.0.0.1', TOKENS.read), 'prometheus');
  });

  it('does not shut out who was in before because a neighbour tries tokens', () => {
    const { ask } = gate(GUARDED);
    assert.equal(ask('metrics', '10.0.0.1', TOKENS.read), 'prometheus');
    times(50, () => ask('read', '10.0.0.1', 'wrong'));
    assert.equal(ask('metrics', '10.0.0.1', TOKENS.read), 'prometheus');
    assert.equal(
      ask('operate', '10.0.0.1', TOKENS.operate),
      'TOO_MANY_REQUESTS',
      'a token that was not seen yet',
    );
  });

  it('says what would help', () => {
    const { headers } = gate(GUARDED);
    assert.deepEqual(headers('operate', '10.0.0.1'), { 'www-authenticate': 'Bearer realm="soakd"' });
    assert.match(
      headers('read', '10.0.0.1')['www-authenticate']!,
      /^Bearer realm="soakd", Basic realm="soakd"/,
    );
    assert.deepEqual(headers('operate', '10.0.0.1', TOKENS.read), {});
  });
});
