import type { SecretText } from '../../core/secret-text.ts';
import { Fault, scalar } from './combinators.ts';

const WANTED = `\${env:NAME} or \${file:path}, or $\${ for a literal \${`;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Parses a text into literal parts and references; faults never quote the text. */
export function parseSecretText(text: string): SecretText | Fault {
  const parts: SecretText[number][] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith(`$\${`, at)) {
      literal += `\${`;
      at += 3;
    } else if (text.startsWith(`\${`, at)) {
      const end = text.indexOf('}', at);
      if (end < 0) return new Fault(WANTED, 'close it with }', `a \${ that is never closed`);
      const reference = parseReference(text.slice(at + 2, end));
      if (reference instanceof Fault) return reference;
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(reference);
      at = end + 1;
    } else {
      literal += text[at++];
    }
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

function parseReference(inside: string): Exclude<SecretText[number], string> | Fault {
  if (inside.startsWith('env:')) {
    const env = inside.slice(4);
    if (ENV_NAME.test(env)) return { env };
    return new Fault(
      WANTED,
      'write the name of an environment variable after env:',
      `a \${env:…} without a proper name`,
    );
  }
  if (inside.startsWith('file:')) {
    const file = inside.slice(5);
    if (file.trim() !== '' && !file.includes('\0')) return { file };
    return new Fault(WANTED, 'write the path of a file after file:', `a \${file:…} without a path`);
  }
  return new Fault(
    WANTED,
    `write $\${ where it is meant as it stands`,
    `a \${ that begins no such reference`,
  );
}

/**
 * Schema of a value that may hold references.
 * @param check check of the literal parts
 */
export function secretText(
  what: string,
  check: (literal: string) => Fault | undefined = () => undefined,
  { empty = false } = {},
) {
  return scalar(
    (value): SecretText | Fault => {
      if (typeof value === 'number' || typeof value === 'boolean') return new Fault(what, 'put it in quotes');
      if (typeof value !== 'string' || (value === '' && !empty)) return new Fault(what, 'write a string');
      const parsed = parseSecretText(value);
      if (parsed instanceof Fault) return parsed;
      return check(withStandIn(parsed, '')) ?? parsed;
    },
    { type: 'string', description: what },
    true,
  );
}

/** Schema of a text without secrets: unescapes `$${`; a reference is a fault. */
export function parsePlainText(text: string): string | Fault {
  if (!text.includes(`\${`)) return text;
  if (/(?<!\$)\$\{/.test(text)) {
    return new Fault(
      'plain text (references work in header values, bodies and credentials only)',
      `move it there, or write $\${ for a literal \${`,
      `a \${…} reference`,
    );
  }
  return text.replaceAll(`$\${`, `\${`);
}

/** Returns the literal parts, with `standIn` for each secret. */
export function withStandIn(text: SecretText, standIn: string): string {
  return text.map((part) => (typeof part === 'string' ? part : standIn)).join('');
}

/**
 * Turns a YAML value into JSON text. Keeps references inside strings; the code that resolves them escapes their values
 * for JSON.
 */
export function jsonSecretText(value: unknown): SecretText | Fault {
  const parts: SecretText[number][] = [];
  const push = (part: SecretText[number]): void => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  };
  const write = (inner: unknown, path: readonly (string | number)[]): Fault | undefined => {
    if (typeof inner === 'string') {
      const text = parseSecretText(inner);
      if (text instanceof Fault) return text.below(path);
      push('"');
      for (const part of text) push(typeof part === 'string' ? JSON.stringify(part).slice(1, -1) : part);
      push('"');
    } else if (typeof inner === 'object' && inner !== null) {
      const isList = Array.isArray(inner);
      push(isList ? '[' : '{');
      for (const [i, [key, item]] of Object.entries(inner).entries()) {
        if (i > 0) push(',');
        if (!isList) {
          const plain = parsePlainText(key);
          if (plain instanceof Fault) return plain.below(path);
          push(`${JSON.stringify(plain)}:`);
        }
        const fault = write(item, [...path, isList ? i : key]);
        if (fault !== undefined) return fault;
      }
      push(isList ? ']' : '}');
    } else if (typeof inner === 'number' && !Number.isFinite(inner)) {
      return new Fault(
        'a value that JSON has',
        'put it in quotes or use a finite number',
        'a number that is not finite',
        path,
      );
    } else push(JSON.stringify(inner));
    return undefined;
  };
  return write(value, []) ?? parts;
}
