import type { SecretText } from '../../core/secret-text.ts';
import type { Auth, BasicAuth, FreshToken } from '../../core/target.ts';
import { faultOfToken } from '../../target/credentials.ts';
import { isMapping } from '../describe.ts';
import { choose, Fault, list, mapping, scalar } from './combinators.ts';
import { duration, MAX_TIMER_MS, text } from './scalars.ts';
import { parseSecretText, secretText } from './secret-text.ts';

/** Rejects ":", which ends the user name in the header. */
const user = secretText('a user name', (literal) =>
  literal.includes(':')
    ? new Fault('a user name without ":"', 'remove it', 'a string with a ":"')
    : undefined,
);

const basic = mapping(
  { user, password: secretText('a password', () => undefined, { empty: true }) },
  `write for example { user: me, password: "\${env:PASSWORD}" }`,
).transform((given): BasicAuth => given);

const TOKEN = 'a token, { file: …, every: … } or { command: […], lifetime: … }';

const textToken = scalar(
  (value): Token | Fault => {
    const parsed = readToken(value);
    return parsed instanceof Fault ? parsed : { kind: 'text', text: parsed };
  },
  { type: 'string', description: TOKEN },
  true,
);

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
function* exactlyOne(_: unknown, written: Readonly<Record<string, unknown>>): Iterable<Fault> {
  const wanted = 'exactly one of them';
  if (Object.keys(written).length === 0)
    yield new Fault(wanted, `write for example { bearer: "\${env:API_KEY}" }`, 'neither basic nor bearer');
  else if (written.basic !== undefined && written.bearer !== undefined)
    yield new Fault(wanted, 'remove one of them', 'bearer beside basic', ['bearer'], 'key');
}

/** `auth` of a proxy: proxies support only basic. */
export const proxyAuth = mapping(
  { basic },
  `write for example { basic: { user: me, password: "\${env:PASSWORD}" } }`,
).transform((given): BasicAuth => given.basic);
