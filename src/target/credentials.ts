import { messageOf, SoakError } from '../core/errors.ts';
import type { SecretText } from '../core/secret-text.ts';
import type { Auth, BasicAuth, FreshToken } from '../core/target.ts';

/** Longer ones fit into no header that servers take. Characters. */
const MAX_TOKEN = 16_384;

/** @returns why a token is invalid, without quoting it; `undefined` for a valid one */
export function faultOfToken(token: string): string | undefined {
  if (token === '') return 'is empty';
  if (token.length > MAX_TOKEN) return `is longer than ${MAX_TOKEN} characters`;
  if (!/^[\x21-\x7e]+$/.test(token)) return 'holds spaces, line breaks or characters that are not ASCII';
  return undefined;
}

export function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** Credentials to send, and the parts of them to redact. */
export interface Credential {
  /** Value of an `authorization` header. */
  readonly authorization: string;
  readonly secrets: readonly string[];
  /** Where the token is one that is refreshed. */
  readonly refreshed?: { readonly source: FreshToken; readonly known: readonly string[] };
}

interface Deps {
  /** @throws SoakError SECRET_MISSING */
  readonly resolveSecret: (text: SecretText, into: 'text') => string;
}

/**
 * @param whose for messages
 * @throws SoakError SECRET_MISSING, CANNOT_START
 */
export function basicCredential(auth: BasicAuth, whose: string, { resolveSecret }: Deps): Credential {
  const user = resolveSecret(auth.user, 'text');
  const password = resolveSecret(auth.password, 'text');
  if (user.includes(':')) {
    throw new SoakError(
      'CANNOT_START',
      `the user of ${whose} contains a ":", which basic authentication does not allow`,
    );
  }
  return basicOf(user, password, auth.user);
}

/** @param written where the user came from: one that was looked up is a secret, too */
export function basicOf(user: string, password: string, written: SecretText = [user]): Credential {
  const coded = Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
  const referred = written.some((part) => typeof part !== 'string') && user !== '' ? [user] : [];
  const secrets = [coded, ...(password === '' ? [] : [password]), ...referred];
  return { authorization: `Basic ${coded}`, secrets };
}

/**
 * @param from gets the first of a token that is refreshed
 * @throws SoakError SECRET_MISSING, CANNOT_START
 */
export async function credentialOf(
  auth: Auth,
  target: string,
  from: Deps & { readonly fetchToken: (token: FreshToken) => Promise<string> },
): Promise<Credential> {
  if (auth.kind === 'basic') return basicCredential(auth, `the auth: of ${target}`, from);
  const { token: source } = auth;
  const token =
    source.kind === 'text'
      ? from.resolveSecret(source.text, 'text')
      : await from.fetchToken(source).catch((error: unknown) => {
          const why = `cannot get the bearer token of ${target}: ${messageOf(error)}`;
          throw new SoakError('CANNOT_START', why, [], error);
        });
  const fault = faultOfToken(token);
  if (fault !== undefined) {
    throw new SoakError('CANNOT_START', `the bearer token of ${target} ${fault}`);
  }
  return {
    authorization: bearer(token),
    secrets: [token],
    refreshed: source.kind === 'text' ? undefined : { source, known: [token] },
  };
}
