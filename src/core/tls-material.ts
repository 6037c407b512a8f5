import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from './connect-options.ts';
import { messageOf, SoakError } from './errors.ts';
import type { SecretText } from './secret-text.ts';

/** PEM texts, as `createSecureContext` takes them. The key needs no passphrase any more. */
export interface TlsMaterial {
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
export function readTlsMaterial(files: TlsFiles, target: string, deps: Deps): TlsMaterial {
  const read = (path: string, key: string): string => {
    try {
      return deps.readFile(path);
    } catch (error) {
      throw cannot(`${path}, the tls: ${key} of ${target}, cannot be read: ${messageOf(error)}`, error);
    }
  };
  const ca = files.caFile === undefined ? undefined : read(files.caFile, 'ca');
  if (ca !== undefined) certificates(ca, `${files.caFile}, the tls: ca of ${target},`);
  const { certFile, keyFile } = files;
  if (certFile === undefined || keyFile === undefined) return ca === undefined ? {} : { ca };

  const cert = read(certFile, 'cert');
  const [own] = certificates(cert, `${certFile}, the tls: cert of ${target},`);
  const where = `${keyFile}, the tls: key of ${target},`;
  const passphrase =
    files.passphrase === undefined ? undefined : deps.resolveSecret(files.passphrase, 'text');
  const key = privateKey(read(keyFile, 'key'), passphrase, where);
  if (!own!.checkPrivateKey(key)) {
    throw cannot(`${where} does not belong to the first certificate in ${certFile}`);
  }
  const material = {
    ...(ca === undefined ? {} : { ca }),
    cert,
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  try {
    createSecureContext(material);
  } catch (error) {
    throw cannot(`${certFile}, the tls: cert of ${target}, cannot be used: ${messageOf(error)}`, error);
  }
  return material;
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
    return createPrivateKey({ key: pem, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
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
