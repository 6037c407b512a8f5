import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Compressed, prefersGzip } from '../../src/http/compressed.ts';

describe('Accept-Encoding', () => {
  const CASES: [header: string | undefined, gzip: boolean][] = [
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['GZIP;Q=1.0', true],
    ['x-gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000, *', false],
    ['*', true],
    ['*;q=0', false],
    ['identity', false],
    ['gzip;q=0.5, identity', false],
    ['gzip, identity;q=0.5', true],
    ['gzip, identity;q=0', true],
    ['gzip;q=2', false],
    ['gzip;q=x, br', false],
    [' gzip ; q=0.1 ', true],
  ];
  for (const [header, gzip] of CASES)
    it(`${JSON.stringify(header)} gets ${gzip ? 'gzip' : 'identity'}`, () =>
      assert.equal(prefersGzip(header), gzip));
});

describe('compressed scrapes', () => {
  it('compress one snapshot once, also for scrapes at the same time', async () => {
    const one = { text: 'up 1\n'.repeat(100) };
    let calls = 0;
    const real = new Compressed();
    const compressed = new Compressed((text) => {
      calls++;
      return real.of({ text });
    });
    const [a, b] = await Promise.all([compressed.of(one), compressed.of(one)]);
    assert.equal(a, b);
    assert.equal(await compressed.of(one), a);
    assert.equal(calls, 1);
    assert.equal(gunzipSync(a).toString(), one.text);
    await compressed.of({ text: 'other' });
    assert.equal(calls, 2);
  });
});
