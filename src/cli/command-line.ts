import { publicUrl } from '../core/shown-url.ts';

/** Flags whose values may be secret, with a function that masks the secret. */
const SECRETS: Readonly<Record<string, (value: string) => string>> = {
  '--target': publicUrl,
  '--proxy': publicUrl,
  '--header': (line) => line.replace(/^([^:]*:).*$/s, '$1 …'),
  '--body': (body) => (body.startsWith('@') ? body : '…'),
  '--user': (user) => user.replace(/:.*$/s, ':…'),
  '--bearer': () => '…',
  '--key-passphrase': () => '…',
};
/** Matches a reference, which names a secret without containing it. */
const REFERENCE = /^[^$]*\$\{(?:env|file):[^}]*\}$/;
const MAX_LENGTH = 2000;

/**
 * Returns a command line without secrets.
 * @param args arguments after the name of the program
 */
export function commandLine(args: readonly string[]): string {
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [flag, inline] = split(args[i]!);
    const hide = SECRETS[flag];
    if (hide === undefined) words.push(publicUrl(args[i]!));
    else if (inline !== undefined) words.push(`${flag}=${shown(inline, hide)}`);
    else {
      words.push(flag);
      const value = args[++i];
      if (value !== undefined) words.push(shown(value, hide));
    }
  }
  const text = ['soakd', ...words.map(quoted)].join(' ');
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}

function shown(value: string, hide: (value: string) => string): string {
  return REFERENCE.test(value) ? value : hide(value);
}

function split(word: string): [flag: string, inline?: string] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** Quotes a word for a shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./…-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
