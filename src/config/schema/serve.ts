import type { z } from 'zod';
import { type Access, ROLES } from '../../core/access.ts';
import type { Config } from '../../core/scenario.ts';
import type { SecretText } from '../../core/secret-text.ts';
import { isMapping, quote } from '../describe.ts';
import { choose, Fault, list, mapping, scalar } from './combinators.ts';
import { name, oneOf, text, whole } from './scalars.ts';
import { parseSecretText } from './secret-text.ts';

const HOST = 'a host name or address to listen on, such as 127.0.0.1';

/** Names that events of a run use for causes other than tokens; a token must not have such a name. */
const RESERVED_NAMES = ['local', 'signal', 'configuration', 'soakd'];

const TOKEN = `one reference, \${env:NAME} or \${file:path}`;

const ADVICE = 'put the token into a file or a variable, and name that';

/** Rejects literal tokens, which would leak with the file into repositories, backups and screens. */
const reference = scalar(
  (value): SecretText | Fault => {
    if (typeof value !== 'string') return new Fault(TOKEN, ADVICE);
    const parts = parseSecretText(value);
    if (parts instanceof Fault) return parts;
    const [only, ...others] = parts;
    if (others.length === 0 && only !== undefined && typeof only !== 'string') return parts;
    return new Fault(
      TOKEN,
      ADVICE,
      parts.every((part) => typeof part === 'string')
        ? 'a token as it is'
        : 'more than one reference, or text around it',
    );
  },
  { type: 'string', description: TOKEN },
  true,
);

const token = mapping(
  { name: name(), role: oneOf(ROLES), token: reference },
  `write for example { name: prometheus, role: read, token: "\${file:secrets/prometheus}" }`,
);

/** Tokens for the API. */
const tokens = list(token, 0, 50, 'tokens', 'write each as "- name: …" with role: and token: below it');

const host = () =>
  text(HOST, (value) =>
    /^[A-Za-z0-9_.:-]+$/.test(value) ? undefined : new Fault(HOST, 'write it without port and brackets'),
  );
const port = () => whole(0, 65_535);
const access = oneOf(['open', 'token']);

/** Written `serve.metrics`: authorization, or a listener for metrics and health with it. */
type Metrics =
  | Access['metrics']
  | {
      readonly port: number;
      readonly host?: string | undefined;
      readonly access?: Access['metrics'] | undefined;
    };

const metricsListener = mapping(
  { port: port(), host: host().optional(), access: access.optional() },
  'write for example { port: 9877 }',
);

const metrics = choose<Metrics>([access, metricsListener], (value) =>
  isMapping(value) ? metricsListener : access,
);

/** Listen address and authorization of `soakd serve`. */
export const serve = mapping(
  {
    host: host().default('127.0.0.1'),
    port: port().default(9876),
    start: name().optional(),
    tokens: tokens.default([]),
    metrics: metrics.optional(),
  },
  { checks: [namesOfTokens, portsDiffer] },
);

export function serveOf({ metrics: written, ...given }: z.output<typeof serve>): Config['serve'] {
  const { access: wanted, ...listener } = typeof written === 'object' ? written : { access: written };
  return {
    ...given,
    // With tokens, metrics need a token too unless `open` is set.
    metrics: wanted ?? (given.tokens.length > 0 ? 'token' : 'open'),
    metricsListener: 'port' in listener ? listener : undefined,
  };
}

/** The system would only say that the port is taken. Another host may have the same port. */
function* portsDiffer(given: {
  readonly port: number;
  readonly metrics?: Metrics | undefined;
}): Iterable<Fault> {
  const { port: main, metrics: written } = given;
  if (typeof written !== 'object' || written.port !== main || main === 0 || written.host !== undefined)
    return;
  const advice = 'give the listener for metrics another, for example 9877';
  yield new Fault('a port of its own', advice, `${main}, as in serve.port`, ['metrics', 'port']);
}

/** Checks the names of all tokens, valid or not. */
function* namesOfTokens(_: unknown, written: Readonly<Record<string, unknown>>): Iterable<Fault> {
  const all: unknown[] = Array.isArray(written.tokens) ? written.tokens : [];
  const names = all.map((entry) => (isMapping(entry) ? entry.name : undefined));
  for (const [i, one] of names.entries()) {
    if (typeof one !== 'string') continue;
    const first = names.indexOf(one);
    const [expected, why] = RESERVED_NAMES.includes(one)
      ? [
          `a name that is not one of ${RESERVED_NAMES.join(', ')}`,
          'events of a run use this name for another cause',
        ]
      : ['a name of its own for each token', `tokens[${first}] has the same`];
    if (RESERVED_NAMES.includes(one) || first !== i)
      yield new Fault(expected, `rename it, since ${why}`, quote(one), ['tokens', i, 'name']);
  }
}
