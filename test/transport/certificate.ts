import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';

export interface Certificate {
  /** PEM, for `tls.createServer`. */
  readonly cert: string;
  readonly key: string;
}

interface CertificateOptions {
  /** Names and addresses it is for; of IPv6 only `::1`. */
  readonly names: readonly string[];
  readonly notAfter?: Date;
  /** Who signs it; absent: it signs itself. */
  readonly by?: Authority;
}

/** What signs the certificates of others. */
export interface Authority {
  /** PEM, for those who trust it. */
  readonly cert: string;
  readonly name: string;
  readonly key: KeyObject;
}

/** An authority of one's own. */
export function makeAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notAfter = new Date(Date.now() + DAY_MS);
  const signed = sealed(
    body(publicKey, { subject: name, issuer: name, notAfter, names: undefined }),
    privateKey,
  );
  return { cert: pem(signed), name, key: privateKey };
}

const DAY_MS = 86_400_000;

/** A certificate made here: nothing needs to be installed, and nothing expires in a checkout. */
export function makeCertificate({
  names,
  notAfter = new Date(Date.now() + DAY_MS),
  by,
}: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = 'soakd test';
  return {
    cert: pem(
      sealed(
        body(publicKey, { subject, issuer: by?.name ?? subject, notAfter, names }),
        by?.key ?? privateKey,
      ),
    ),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

function sealed(toBeSigned: Buffer, key: KeyObject): Buffer {
  return sequence(toBeSigned, ECDSA_WITH_SHA256, bits(sign('sha256', toBeSigned, key)));
}

/** The part that is signed (RFC 5280, 4.1.2). */
function body(
  key: KeyObject,
  {
    subject,
    issuer,
    notAfter,
    names,
  }: {
    readonly subject: string;
    readonly issuer: string;
    readonly notAfter: Date;
    /** Absent for an authority. */
    readonly names: readonly string[] | undefined;
  },
): Buffer {
  const called = (name: string) => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
  const alternatives = sequence(
    ...(names ?? []).map((name) =>
      isIPv4(name)
        ? der(0x87, Buffer.from(name.split('.').map(Number)))
        : isIPv6(name)
          ? der(0x87, Buffer.alloc(16).fill(1, 15))
          : der(0x82, Buffer.from(name)),
    ),
  );
  return sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ECDSA_WITH_SHA256,
    called(issuer),
    sequence(utcTime(new Date(notAfter.getTime() - 30 * DAY_MS)), utcTime(notAfter)),
    called(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        names === undefined
          ? sequence(oid('551d13'), der(0x01, Buffer.of(255)), der(0x04, sequence(der(0x01, Buffer.of(255)))))
          : sequence(oid('551d11'), der(0x04, alternatives)),
      ),
    ),
  );
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...contents: Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function bits(content: Buffer): Buffer {
  return der(0x03, Buffer.of(0), content);
}

function utcTime(date: Date): Buffer {
  const text = date.toISOString().replace(/[-T:]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
