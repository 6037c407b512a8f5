import { resolve } from 'node:path';
import { ERRORS, SoakError } from '../core/errors.ts';
import type { SecretText } from '../core/secret-text.ts';
import { readSmallText, refusalOf } from './regular-file.ts';

/** Source of the values of references. */
export interface SecretSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws when the file cannot be read. */
  readonly readFile: (path: string) => string;
  /** Base directory of relative paths in references; paths in a `Config` are absolute. */
  readonly baseDir: string;
}

type Reference = Exclude<SecretText[number], string>;

export function processSecrets(baseDir: string, env: SecretSource['env'] = process.env): SecretSource {
  return { env, baseDir, readFile: readSmallText };
}

/** Returns a reference as written in a configuration, which is safe to show. */
export function referenceText(reference: Reference): string {
  return 'env' in reference ? `\${env:${reference.env}}` : `\${file:${reference.file}}`;
}

function lookUp(reference: Reference, from: SecretSource): string | undefined {
  // An empty value usually is a forgotten variable of a container, and never a secret.
  if ('env' in reference) return from.env[reference.env] || undefined;
  try {
    // Editors end a file with a newline that does not belong to the secret.
    return from.readFile(resolve(from.baseDir, reference.file)).replace(/\r?\n$/, '') || undefined;
  } catch {
    return undefined;
  }
}

/** Returns why the file of a reference is refused; `undefined` of a variable, and of a file that is empty or unreadable. */
export function refusalOfReference(
  reference: Reference,
  { readFile, baseDir }: SecretSource,
): string | undefined {
  if ('env' in reference) return undefined;
  try {
    readFile(resolve(baseDir, reference.file));
    return undefined;
  } catch (error) {
    return refusalOf(error);
  }
}

/** Returns what is wrong with the references of a text without a value; `undefined` where each has one. */
export function missingSecrets(text: SecretText, from: SecretSource): string | undefined {
  const missing = new Map<string, string | undefined>();
  for (const part of text)
    if (typeof part !== 'string' && lookUp(part, from) === undefined)
      missing.set(referenceText(part), refusalOfReference(part, from));
  if (missing.size === 0) return undefined;
  const unset = [...missing].filter(([, refusal]) => refusal === undefined).map(([shown]) => shown);
  const refused = [...missing].filter(([, refusal]) => refusal !== undefined);
  return [
    ...(unset.length === 0 ? [] : [`${unset.join(', ')} unset, empty or unreadable`]),
    ...refused.map(([shown, refusal]) => `${shown}, ${refusal}`),
  ].join(' and ');
}

/**
 * @param into `json` escapes the values (not the text around them) for a string of JSON
 * @throws SoakError SECRET_MISSING, which names the reference
 */
export function resolveSecret(text: SecretText, from: SecretSource, into: 'text' | 'json' = 'text'): string {
  let result = '';
  for (const part of text) {
    if (typeof part === 'string') {
      result += part;
      continue;
    }
    const value = lookUp(part, from);
    if (value === undefined) {
      const refusal = refusalOfReference(part, from);
      const shown = referenceText(part) + (refusal === undefined ? '' : `, ${refusal}`);
      throw new SoakError('SECRET_MISSING', `${ERRORS.SECRET_MISSING.message}: ${shown}`);
    }
    result += into === 'json' ? JSON.stringify(value).slice(1, -1) : value;
  }
  return result;
}
