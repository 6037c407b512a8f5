import { isIP } from 'node:net';
import type { TlsFiles } from '../../core/connect-options.ts';
import type { SecretText } from '../../core/secret-text.ts';
import { addIssue, Fault } from './combinators.ts';
import { mapping } from './mapping.ts';
import { text } from './scalars.ts';
import { secretText } from './secret-text.ts';

const NAME = 'the name that a certificate is for, such as llm.example.com';

const serverName = text(NAME, (value) => {
  if (isIP(value) !== 0) return new Fault(NAME, 'remove it: an address in the URL is verified as it is');
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$/.test(value)
    ? undefined
    : new Fault(NAME, 'write the name alone, without scheme and port');
});

const pem = () => text('the path of a PEM file');

export const tls = mapping(
  {
    ca: pem().optional(),
    cert: pem().optional(),
    key: pem().optional(),
    passphrase: secretText('the passphrase of the key').optional(),
    serverName: serverName.optional(),
  },
  { advice: 'write for example { ca: ca.pem }', checks: [notEmpty, pairOfKeys, passphraseOfKey] },
).transform(({ ca, cert, key, passphrase, serverName: called }): TlsFiles => {
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(called === undefined ? {} : { serverName: called }),
  };
});

interface Given {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: SecretText | undefined;
}

function notEmpty(_: unknown, ctx: unknown, written: Readonly<Record<string, unknown>>): void {
  if (Object.keys(written).length > 0) return;
  addIssue(ctx, {
    expected: 'at least one of ca, cert with key, serverName',
    advice: 'write for example { ca: ca.pem }, or remove tls:',
  });
}

function pairOfKeys({ cert, key }: Given, ctx: unknown): void {
  if ((cert === undefined) === (key === undefined)) return;
  const [there, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  addIssue(ctx, {
    path: [there],
    at: 'key',
    found: `${there} without ${missing}`,
    expected: 'both, or none of them',
    advice: `add ${missing}:`,
  });
}

function passphraseOfKey({ passphrase, key }: Given, ctx: unknown): void {
  if (passphrase === undefined || key !== undefined) return;
  addIssue(ctx, {
    path: ['passphrase'],
    at: 'key',
    found: 'passphrase without key',
    expected: 'a key that it opens',
    advice: 'remove it, or add cert: and key:',
  });
}
