import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { messageOf, SoakError } from '../core/errors.ts';
import type { SecretText } from '../core/secret-text.ts';
import type { TlsFiles } from '../core/target.ts';

/** TLS to a target, as `createSecureContext` takes it: PEM texts in place of files. The key needs no passphrase any more. */
export interface Tls extends Omit<TlsFiles, 'caFile' | 'certFile' | 'keyFile' | 'passphrase'> {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

interface Deps {
  /** Text of a file. Throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  /** @throws SoakError SECRET_MISSING */
  readonly resolveSecret: (text: SecretText, into: 'text') => string;
}

/**
 * Reads what TLS needs, and proves that it fits together, so that a bad file is no failed handshake of thousands
 * of streams.
 * @param target its name, for messages
 * @throws SoakError CANNOT_START, naming the file; SECRET_MISSING
 */
export function readTls(files: TlsFiles, target: string, deps: Deps): Tls {
  const { caFile, certFile, keyFile, passphrase, ...asConfigured } = files;
  const read = (path: string, key: string): string => {
    try {
      return deps.readFile(path);
    } catch (error) {
      throw cannot(`${path}, the tls: ${key} of ${target}, cannot be read: ${messageOf(error)}`, error);
    }
  };
  const ca = caFile === undefined ? undefined : read(caFile, 'ca');
  if (ca !== undefined) certificates(ca, `${caFile}, the tls: ca of ${target},`);
  if (certFile === undefined || keyFile === undefined) return { ...asConfigured, ca };

  const cert = read(certFile, 'cert');
  const [own] = certificates(cert, `${certFile}, the tls: cert of ${target},`);
  const where = `${keyFile}, the tls: key of ${target},`;
  const key = privateKey(read(keyFile, 'key'), passphrase && deps.resolveSecret(passphrase, 'text'), where);
  if (!own!.checkPrivateKey(key)) {
    throw cannot(`${where} does not belong to the first certificate in ${certFile}`);
  }
  const tls = { ...asConfigured, ca, cert, key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw cannot(`${certFile}, the tls: cert of ${target}, cannot be used: ${messageOf(error)}`, error);
  }
  return tls;
}

/** @returns at least one */
function certificates(pem: string, where: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  // OpenSSL passes over what it does not know: a file of another kind would trust nobody, and not say so.
  if (blocks.length === 0) throw cannot(`${where} holds no certificate in PEM`);
  return blocks.map((block, i) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw cannot(
        `${where} holds a certificate (number ${i + 1}) that is broken: ${messageOf(error)}`,
        error,
      );
    }
  });
}

function privateKey(pem: string, passphrase: string | undefined, where: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch {
    // Nothing of OpenSSL's own words: they are about its inside.
    throw cannot(`${where} ${faultOfKey(pem, passphrase)}`);
  }
}

function faultOfKey(pem: string, passphrase: string | undefined): string {
  if (!/ENCRYPTED/.test(pem)) return 'holds no private key in PEM';
  return passphrase === undefined
    ? 'is encrypted, and no passphrase is given (passphrase:, --key-passphrase)'
    : 'does not open with the passphrase';
}

function cannot(message: string, cause?: unknown): SoakError {
  return new SoakError('CANNOT_START', message, [], cause);
}
