import type { SecretText } from '../core/secret-text.ts';
import { isSecretName } from '../core/shown-url.ts';
import type { Target } from '../core/target.ts';

/** @returns the text in the syntax of a configuration: with references, and dollar signs escaped */
export function referenceText(text: SecretText): string {
  return text
    .map((part) => {
      if (typeof part === 'string') return part.replaceAll('${', () => '$${');
      return 'env' in part ? `\${env:${part.env}}` : `\${file:${part.file}}`;
    })
    .join('');
}

/** Names an environment variable after a header: `x-api-key` is `X_API_KEY`. */
function variableFor(name: string): string {
  if (/authorization$/i.test(name)) return 'API_KEY';
  const variable = name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');
  return /^[A-Z_]/.test(variable) ? variable : `_${variable}`;
}

/** @returns the value as a configuration should hold it: a secret that was typed out becomes a reference */
export function shownHeader(name: string, value: SecretText): string {
  const typedOut = value.some(
    (part) => typeof part === 'string' && /[^\s]/.test(part.replace(/^\s*(bearer|basic|token)\s+$/i, '')),
  );
  if (!isSecretName(name) || !typedOut) return referenceText(value);
  const first = value[0];
  const scheme = typeof first === 'string' ? /^\s*(bearer|basic|token)\s+/i.exec(first)?.[0] : undefined;
  return `${scheme ?? ''}\${env:${variableFor(name)}}`;
}

/**
 * @param credentials what is sent besides the target's own headers and body
 * @returns what stands in the request and must not be shown, wherever a target gives it back
 */
export function secretValues(
  target: Target,
  credentials: readonly string[],
  resolve: (text: SecretText) => string,
): string[] {
  const references = [...Object.values(target.headers), target.body?.text ?? []]
    .flat()
    .filter((part) => typeof part !== 'string')
    .map((part) => resolve([part]));
  const typedOut = Object.entries(target.headers)
    .filter(([name]) => isSecretName(name))
    .map(([, value]) => resolve(value).replace(/^\s*(bearer|basic|token)\s+/i, ''));
  // Masking shorter ones would hide half of any text.
  return [...new Set([...credentials, ...references, ...typedOut])].filter((value) => value.length >= 4);
}
