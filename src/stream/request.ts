import { STREAM_ID_HEADER } from '../core/stream-id.ts';
import { bearer } from '../target/credentials.ts';
import type { ReadyTarget } from '../target/ready-target.ts';

/** @returns the headers of one stream: the target's own and the stream's id */
export function headersFor(target: ReadyTarget, id: string): string[] {
  return [...target.headers, STREAM_ID_HEADER, id];
}

/** @returns the body of one stream with its prompt filled in, or `undefined` for none */
export function bodyFor(target: ReadyTarget, prompt: string | undefined): string | undefined {
  if (target.body === undefined) return undefined;
  if (prompt === undefined) return target.body.pieces.join('');
  // Inside a JSON string: escaped, without the quotes.
  return target.body.pieces.join(target.body.json ? JSON.stringify(prompt).slice(1, -1) : prompt);
}

/** Earlier tokens whose streams may still be open: they are redacted, too. */
const KEPT_TOKENS = 8;

/**
 * @param target one whose token is refreshed
 * @returns it with another bearer token, for the streams that start from now on
 */
export function withToken(target: ReadyTarget, token: string): ReadyTarget {
  const { headers, secrets, tokens } = target;
  if (tokens === undefined) return target;
  const at = headers.indexOf('authorization');
  const known = [token, ...tokens.known.filter((t) => t !== token)].slice(0, KEPT_TOKENS);
  return {
    ...target,
    headers: headers.with(at + 1, bearer(token)),
    secrets: [...secrets.filter((s) => !tokens.known.includes(s)), ...known],
    tokens: { ...tokens, known },
  };
}
