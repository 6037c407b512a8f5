import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import { SoakError } from '../../src/core/errors.ts';
import type { TlsFiles } from '../../src/core/target.ts';
import { readTls } from '../../src/target/tls.ts';
import { makeAuthority, makeCertificate } from '../transport/certificate.ts';

const ours = makeAuthority('ours');
const client = makeCertificate({ names: ['client.invalid'], by: ours });
const other = makeCertificate({ names: ['client.invalid'], by: ours });
const encrypted = createPrivateKey(client.key)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'planted' })
  .toString();
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;

const FILES: Readonly<Record<string, string>> = {
  'ca.pem': ours.cert,
  'two.pem': `# both\n${ours.cert}\n${makeAuthority('theirs').cert}`,
  'cert.pem': client.cert,
  'chain.pem': client.cert + ours.cert,
  'key.pem': client.key,
  'other.pem': other.key,
  'rsa.pem': rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
  'encrypted.pem': encrypted,
  'empty.pem': '',
  'text.pem': 'planted',
  'broken.pem': `${ours.cert}${client.cert.replace(/\nM[^\n]{8}/, '\nplanted!')}`,
};

function read(files: TlsFiles, passphrase = 'planted') {
  return readTls(files, 'a', {
    readFile: (path) => {
      const text = FILES[path];
      if (text === undefined) throw new Error('ENOENT: no such file');
      return text;
    },
    resolveSecret: () => passphrase,
  });
}

describe('what TLS needs', () => {
  const pair = { certFile: 'cert.pem', keyFile: 'key.pem' };
  const good: readonly [what: string, files: TlsFiles, expected: readonly string[]][] = [
    ['nothing', { serverName: 'x' }, []],
    ['authorities', { caFile: 'ca.pem' }, ['ca']],
    ['several authorities, and words between them', { caFile: 'two.pem' }, ['ca']],
    ['a pair', pair, ['cert', 'key']],
    ['a chain', { ...pair, certFile: 'chain.pem' }, ['cert', 'key']],
    ['all of it', { ...pair, caFile: 'ca.pem' }, ['ca', 'cert', 'key']],
    ['an encrypted key', { ...pair, keyFile: 'encrypted.pem', passphrase: ['x'] }, ['cert', 'key']],
    // As OpenSSL has it.
    ['a passphrase that is not needed', { ...pair, passphrase: ['x'] }, ['cert', 'key']],
  ];
  for (const [what, files, expected] of good) {
    it(`is read: ${what}`, () => {
      const material = read(files);
      const { serverName, ...pem } = material;
      assert.equal(serverName, files.serverName);
      const there = Object.entries(pem).flatMap(([key, text]) => (text === undefined ? [] : [key]));
      assert.deepEqual(there.sort(), expected);
      createSecureContext(material);
      if (material.key !== undefined) assert.doesNotMatch(material.key, /ENCRYPTED/);
    });
  }

  const bad: readonly [what: string, files: TlsFiles, message: RegExp][] = [
    [
      'an authority that is not there',
      { caFile: 'none.pem' },
      /^none\.pem, the tls: ca of a, cannot be read: ENOENT/,
    ],
    [
      'a certificate that is not there',
      { ...pair, certFile: 'none.pem' },
      /^none\.pem, the tls: cert of a, cannot/,
    ],
    [
      'a key that is not there',
      { ...pair, keyFile: 'none.pem' },
      /^none\.pem, the tls: key of a, cannot be read/,
    ],
    [
      'an empty file of authorities',
      { caFile: 'empty.pem' },
      /^empty\.pem, the tls: ca of a, holds no certificate in PEM$/,
    ],
    ['a key for authorities', { caFile: 'key.pem' }, /^key\.pem, .* holds no certificate in PEM$/],
    [
      'a broken one among authorities',
      { caFile: 'broken.pem' },
      /^broken\.pem, .* certificate \(number 2\) that is broken/,
    ],
    [
      'a text for a certificate',
      { ...pair, certFile: 'text.pem' },
      /^text\.pem, the tls: cert of a, holds no/,
    ],
    [
      'a certificate for a key',
      { ...pair, keyFile: 'cert.pem' },
      /^cert\.pem, the tls: key of a, holds no private key in PEM$/,
    ],
    [
      'a text for a key',
      { ...pair, keyFile: 'text.pem' },
      /^text\.pem, the tls: key of a, holds no private key/,
    ],
    [
      'the key of another certificate',
      { ...pair, keyFile: 'other.pem' },
      /^other\.pem, .* does not belong to the first certificate in cert\.pem$/,
    ],
    ['a key of another kind', { ...pair, keyFile: 'rsa.pem' }, /^rsa\.pem, .* does not belong/],
    [
      'the authority before the certificate',
      { ...pair, certFile: 'ca.pem' },
      /^key\.pem, .* does not belong to the first certificate in ca\.pem$/,
    ],
    [
      'an encrypted key without passphrase',
      { ...pair, keyFile: 'encrypted.pem' },
      /^encrypted\.pem, .* is encrypted, and no passphrase is given/,
    ],
  ];
  for (const [what, files, message] of bad) {
    it(`is refused before anything is sent: ${what}`, () => {
      assert.throws(() => read(files), refusal(message));
    });
  }

  it('a wrong passphrase is told without it', () => {
    const files = { ...pair, keyFile: 'encrypted.pem', passphrase: ['x'] };
    assert.throws(
      () => read(files, 'plantet'),
      refusal(/^encrypted\.pem, .* does not open with the passphrase$/),
    );
  });
});

function refusal(message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof SoakError);
    assert.equal(error.code, 'CANNOT_START');
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /plant|BEGIN/);
    return true;
  };
}
