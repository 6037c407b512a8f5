import type { Auth, BasicAuth, FreshToken } from '../../core/connect-options.ts';
import { faultOfToken } from '../../core/credentials.ts';
import type { SecretText } from '../../core/secret-text.ts';
import { isMapping } from '../describe.ts';
import { addIssue, choose, Fault, list, scalar } from './combinators.ts';
import { mapping } from './mapping.ts';
import { duration, MAX_TIMER_MS, text } from './scalars.ts';
import { parseSecretText, secretText } from './secret-text.ts';

/** Rejects ":", which ends the user name in the header. */
const user = secretText('a user name', (literal) =>
  literal.includes(':')
    ? new Fault('a user name without ":"', 'remove it', 'a string with a ":"')
    : undefined,
);

export const basic = mapping(
  { user, password: secretText('a password', () => undefined, { empty: true }) },
  `write for example { user: me, password: "\${env:PASSWORD}" }`,
).transform((given): BasicAuth => given);

const TOKEN = 'a token, { file: …, every: … } or { command: […], lifetime: … }';

const textToken = scalar((value): Token | Fault => {
  const parsed = readToken(value);
  return parsed instanceof Fault ? parsed : { kind: 'text', text: parsed };
});

type Token = (Auth & { readonly kind: 'bearer' })['token'];

function readToken(value: unknown): SecretText | Fault {
  if (typeof value !== 'string' || value === '')
    return new Fault(TOKEN, `write for example "\${env:API_KEY}"`);
  const parsed = parseSecretText(value);
  if (parsed instanceof Fault) return parsed;
  const literal = parsed.filter((part) => typeof part === 'string').join('');
  if (/^bearer\s/i.test(literal))
    return new Fault('the token alone', 'remove "Bearer", which is put before it', 'a string with "Bearer"');
  const fault = literal === '' ? undefined : faultOfToken(literal);
  return fault === undefined
    ? parsed
    : new Fault('a token of visible ASCII characters on one line', 'fix the token', `a string that ${fault}`);
}

/** Minimum refresh interval: more frequent refreshes would keep the generator busy. */
const MIN_MS = 1000;

const interval = () => duration({ minMs: MIN_MS, maxMs: MAX_TIMER_MS });

const fileToken = mapping(
  {
    file: text('the path of a file that holds the token alone'),
    every: interval().default(60_000),
  },
  'write for example { file: /run/secrets/token, every: 1m }',
).transform((given): FreshToken => ({ kind: 'file', file: given.file, everyMs: given.every }));

const commandToken = mapping(
  {
    command: list(
      text('the program, or an argument, as text'),
      1,
      100,
      'strings: a program and its arguments',
      'write for example [get-token, --audience, llm]',
    ),
    lifetime: interval(),
  },
  'write for example { command: [get-token], lifetime: 10m }',
).transform((given): FreshToken => ({ kind: 'command', command: given.command, lifetimeMs: given.lifetime }));

const bearer = choose<Token>([textToken, fileToken, commandToken], (value) => {
  if (!isMapping(value)) return textToken;
  return 'command' in value || 'lifetime' in value ? commandToken : fileToken;
});

export const auth = mapping(
  { basic: basic.optional(), bearer: bearer.optional() },
  {
    advice: `write for example { bearer: "\${env:API_KEY}" }`,
    checks: [exactlyOne],
  },
).transform(
  ({ basic: pair, bearer: token }): Auth =>
    token === undefined
      ? { kind: 'basic', ...(pair ?? { user: [], password: [] }) }
      : { kind: 'bearer', token },
);

/** An invalid value counts as present. */
function exactlyOne(_: unknown, ctx: unknown, written: Readonly<Record<string, unknown>>): void {
  const has = (key: string): boolean => written[key] !== undefined;
  if (Object.keys(written).length === 0) {
    addIssue(ctx, {
      found: 'neither basic nor bearer',
      expected: 'exactly one of them',
      advice: `write for example { bearer: "\${env:API_KEY}" }`,
    });
  } else if (has('basic') && has('bearer')) {
    addIssue(ctx, {
      path: ['bearer'],
      at: 'key',
      found: 'bearer beside basic',
      expected: 'exactly one of them',
      advice: 'remove one of them',
    });
  }
}

/** `auth` of a proxy: proxies support only basic. */
export const proxyAuth = mapping(
  { basic },
  `write for example { basic: { user: me, password: "\${env:PASSWORD}" } }`,
).transform((given): BasicAuth => given.basic);
