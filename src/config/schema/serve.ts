import type { z } from 'zod';
import { ROLES } from '../../core/access.ts';
import type { SecretText } from '../../core/scenario.ts';
import { isMapping, quote } from '../describe.ts';
import { addIssue, Fault, list, scalar } from './combinators.ts';
import { mapping } from './mapping.ts';
import { name, oneOf, text, whole } from './scalars.ts';
import { parseSecretText } from './secret-text.ts';

const HOST = 'a host name or address to listen on, such as 127.0.0.1';

/** Who else can have done something to a run: a token of such a name would pass for it. */
const RESERVED_NAMES = ['local', 'signal', 'configuration', 'soakd'];

const TOKEN = `one reference, \${env:NAME} or \${file:path}`;

const ADVICE = 'put the token into a file or a variable, and name that';

/** A token that stands in the file itself ends up where files go: in a repository, in a backup, on a screen. */
const reference = scalar((value): SecretText | Fault => {
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
});

const token = mapping(
  { name: name(), role: oneOf(ROLES), token: reference },
  `write for example { name: prometheus, role: read, token: "\${file:secrets/prometheus}" }`,
);

/** Those who may. */
export const tokens = list(
  token,
  0,
  50,
  'tokens',
  'write each as "- name: …" with role: and token: below it',
);

/** How `soakd serve` listens, and who may. */
export const serve = mapping(
  {
    host: text(HOST, (value) =>
      /^[A-Za-z0-9_.:-]+$/.test(value) ? undefined : new Fault(HOST, 'write it without port and brackets'),
    ).default('127.0.0.1'),
    port: whole(0, 65_535).default(9876),
    start: name().optional(),
    tokens: tokens.default([]),
    metrics: oneOf(['open', 'token']).optional(),
  },
  { checks: [namesOfTokens] },
).transform((given) => {
  // Whoever sets up tokens means to keep strangers out: that metrics stay open must be said.
  return {
    ...given,
    metrics: given.metrics ?? (given.tokens.length > 0 ? ('token' as const) : ('open' as const)),
  };
});

/** Tokens that are wrong in themselves have names all the same. */
function namesOfTokens(_: unknown, ctx: unknown, written: Readonly<Record<string, unknown>>): void {
  const all: unknown[] = Array.isArray(written.tokens) ? written.tokens : [];
  const names = all.map((entry) => (isMapping(entry) ? entry.name : undefined));
  for (const [i, one] of names.entries()) {
    if (typeof one !== 'string') continue;
    const first = names.indexOf(one);
    if (RESERVED_NAMES.includes(one)) {
      addIssue(ctx, {
        path: ['tokens', i, 'name'],
        found: quote(one),
        expected: `a name that is not one of ${RESERVED_NAMES.join(', ')}`,
        advice: 'rename it, since events of a run tell by such a name who caused them',
      });
    } else if (first !== i) {
      addIssue(ctx, {
        path: ['tokens', i, 'name'],
        found: quote(one),
        expected: 'a name of its own for each token',
        advice: `rename it, since tokens[${first}] has the same`,
      });
    }
  }
}

export type ServeDraft = z.output<typeof serve>;
