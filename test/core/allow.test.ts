import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressGuard, buildAllowlist, faultOfAllowEntry, normalizeHost } from '../../src/core/allow.ts';

/** The host as a URL has it, which is how it comes to be judged. */
function hostOf(url: string): string {
  return new URL(url).hostname;
}

const JUDGED: readonly [allow: readonly string[], host: string, result: 'yes' | 'look-up' | 'no'][] = [
  // Loopback, in every way it can be written.
  [[], '127.0.0.1', 'yes'],
  [[], '127.255.255.254', 'yes'],
  [[], hostOf('http://127.1/'), 'yes'],
  [[], hostOf('http://2130706433/'), 'yes'],
  [[], hostOf('http://0x7f.0.0.1/'), 'yes'],
  [[], hostOf('http://0177.0.0.1/'), 'yes'],
  [[], hostOf('http://１２７.0.0.1/'), 'yes'],
  [[], '::1', 'yes'],
  [[], '[::1]', 'yes'],
  [[], '[0:0:0:0:0:0:0:1]', 'yes'],
  [[], '::ffff:127.0.0.1', 'yes'],
  [[], hostOf('http://[::ffff:127.0.0.1]/'), 'yes'],
  [[], 'localhost', 'yes'],
  [[], 'LOCALHOST', 'yes'],
  [[], 'localhost.', 'yes'],
  [[], 'api.localhost', 'yes'],
  [[], 'api.localhost.', 'yes'],
  // What only looks like it.
  [[], '0.0.0.0', 'no'],
  [[], hostOf('http://0/'), 'no'],
  [[], '[::]', 'no'],
  [[], '[::127.0.0.1]', 'no'],
  [[], '[::ffff:10.0.0.1]', 'no'],
  [[], '128.0.0.1', 'no'],
  [[], '126.255.255.255', 'no'],
  [[], 'notlocalhost', 'no'],
  [[], 'localhost.example.com', 'no'],
  [[], '127.0.0.1.example.com', 'no'],
  [[], 'localhost..', 'no'],
  [[], 'example.com', 'no'],
  [[], '', 'no'],
  // Names.
  [['example.com'], 'example.com', 'yes'],
  [['example.com'], 'EXAMPLE.com.', 'yes'],
  [['Example.COM.'], 'example.com', 'yes'],
  [['example.com'], 'www.example.com', 'no'],
  [['example.com'], 'example.com.evil.test', 'no'],
  [['example.com'], 'badexample.com', 'no'],
  [['xn--bcher-kva.example'], hostOf('http://BÜCHER.example./'), 'yes'],
  [['xn--bcher-kva.example'], 'bucher.example', 'no'],
  // Suffixes.
  [['.example.com'], 'www.example.com', 'yes'],
  [['*.example.com'], 'a.b.example.com', 'yes'],
  [['.example.com'], 'example.com', 'no'],
  [['.example.com'], 'badexample.com', 'no'],
  [['.example.com'], 'www.example.com.evil.test', 'no'],
  // Addresses and ranges.
  [['10.1.2.3'], '10.1.2.3', 'yes'],
  [['10.1.2.3'], '10.1.2.4', 'no'],
  [['10.1.2.3'], '::ffff:10.1.2.3', 'yes'],
  [['10.0.0.0/8'], '10.255.0.1', 'yes'],
  [['10.0.0.0/8'], '11.0.0.0', 'no'],
  [['10.0.0.0/8'], '[::ffff:10.9.9.9]', 'yes'],
  [['192.168.1.128/25'], '192.168.1.127', 'no'],
  [['192.168.1.128/25'], '192.168.1.128', 'yes'],
  [['2001:db8::/32'], '[2001:db8:1::5]', 'yes'],
  [['2001:db8::/32'], '[2001:db9::5]', 'no'],
  [['2001:db8::/32'], '10.0.0.1', 'no'],
  [['[2001:db8::1]'], '[2001:DB8::1]', 'yes'],
  [['0.0.0.0/0'], '93.184.216.34', 'yes'],
  [['0.0.0.0/0'], '[2001:db8::1]', 'no'],
  // A name that nothing names may still point into a range.
  [['10.0.0.0/8'], 'db.internal', 'look-up'],
  [['10.0.0.0/8', 'db.internal'], 'db.internal', 'yes'],
  [['other.test'], 'db.internal', 'no'],
];

describe('allowlist', () => {
  for (const [allow, host, result] of JUDGED) {
    it(`[${allow.join(', ')}] says ${result} to ${host === '' ? 'an empty host' : host}`, () => {
      assert.equal(buildAllowlist(allow).classifyHost(host), result);
    });
  }

  it('judges an address by its range alone, and what is none not at all', () => {
    const { coversAddress } = buildAllowlist(['example.com', '10.0.0.0/8']);
    assert.equal(coversAddress('10.3.3.3'), true);
    assert.equal(coversAddress('127.0.0.1'), true);
    assert.equal(coversAddress('fe80::1%eth0'), false);
    for (const none of ['example.com', 'localhost', '', '127.1', '10.0.0.0/8', '10.0.0.1 ']) {
      assert.equal(coversAddress(none), false, none);
    }
  });

  it('knows whether a name is named, which loopback names need not be', () => {
    const { namesHost } = buildAllowlist(['example.com', '.test', '10.0.0.1']);
    assert.deepEqual(
      ['example.com', 'EXAMPLE.COM.', 'a.test', 'test', 'localhost', '10.0.0.1'].map(namesHost),
      [true, true, true, false, false, false],
    );
  });

  it('writes hosts one way', () => {
    assert.deepEqual(['[::1]', 'A.Example.', 'a..', '[::1'].map(normalizeHost), [
      '::1',
      'a.example',
      'a.',
      '[::1',
    ]);
  });
});

describe('allow entries', () => {
  const GOOD = [
    'example.com',
    'EXAMPLE.com',
    'example.com.',
    'my_host',
    'a-b.c',
    '1and1.example',
    '.example.com',
    '*.example.com',
    'xn--bcher-kva.example',
    '10.0.0.1',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '::1',
    '[::1]',
    '2001:db8::/32',
    '::/0',
    'fe80::1%eth0',
  ];
  for (const entry of GOOD) {
    it(`takes ${entry}`, () => {
      assert.equal(faultOfAllowEntry(entry), undefined);
      assert.doesNotThrow(() => buildAllowlist([entry]));
    });
  }

  const BAD: readonly [entry: string, fault: RegExp][] = [
    ['', /neither/],
    ['*', /neither/],
    ['.', /neither/],
    ['*.', /neither/],
    ['a..b', /neither/],
    ['-a.example', /neither/],
    ['a b', /neither/],
    ['*.*.example.com', /neither/],
    ['example.*', /neither/],
    ['example.com:80', /neither/],
    ['bücher.example', /neither/],
    // In a URL these are addresses: as names they would never match.
    ['127.1', /neither/],
    ['010.0.0.1', /neither/],
    ['0x7f.1', /neither/],
    ['10.0.0', /neither/],
    ['http://example.com', /before "\/"/],
    ['example.com/8', /before "\/"/],
    ['10.0.0.0/33', /prefix/],
    ['10.0.0.0/', /prefix/],
    ['10.0.0.0/-1', /prefix/],
    ['10.0.0.0/8/8', /prefix/],
    ['2001:db8::/129', /prefix/],
  ];
  for (const [entry, fault] of BAD) {
    it(`refuses ${entry === '' ? 'an empty one' : entry}`, () =>
      assert.match(faultOfAllowEntry(entry) ?? '', fault));
  }
});

describe('address guard', () => {
  it('lets a name be dialled where it pointed when the run started, and nowhere else', () => {
    const guard = addressGuard(buildAllowlist(['example.com']), ['192.0.2.7', '2001:db8::7']);
    assert.deepEqual(['192.0.2.7', '2001:db8::7', '192.0.2.8', '2001:db8::8'].map(guard), [
      true,
      true,
      false,
      false,
    ]);
  });

  it('lets it move within a range that is allowed, loopback among them', () => {
    const guard = addressGuard(buildAllowlist(['10.0.0.0/8']), ['10.0.0.1']);
    assert.deepEqual(['10.9.9.9', '127.0.0.1', '::1', '192.0.2.1'].map(guard), [true, true, true, false]);
  });

  it('pins nothing by itself: a name on the list does not open any address', () => {
    const guard = addressGuard(buildAllowlist(['example.com', '.test']), []);
    assert.deepEqual(['192.0.2.7', '169.254.169.254', 'example.com'].map(guard), [false, false, false]);
  });
});
