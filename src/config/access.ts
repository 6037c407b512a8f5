import type { Access } from '../core/access.ts';
import type { Config } from '../core/scenario.ts';
import { pathText } from './describe.ts';
import { errorOf, type Origin, type Path, type Problem, problem } from './problem.ts';
import { missingSecrets, referenceText, resolveSecret, type SecretSource } from './secrets.ts';

/** Minimum length of a token, characters: random letters and digits of this length cannot be guessed. */
const MIN_LENGTH = 16;
/** Maximum length of a token, which must fit into the headers of a request. */
const MAX_LENGTH = 512;

type Token = Config['serve']['tokens'][number];

/** Messages name a reference, never its value. */
export function tokenProblems(
  tokens: readonly (Partial<Token> | undefined)[],
  from: SecretSource,
): Problem[] {
  const seen = new Map<string, number>();
  return tokens.flatMap(({ token } = {}, i): Problem | Problem[] => {
    if (token === undefined) return [];
    const path: Path = ['serve', 'tokens', i, 'token'];
    const missing = missingSecrets(token, from);
    if (missing !== undefined) {
      return problem(path, missing, 'a secret with a value', 'set it before soakd starts', 'secret');
    }
    const value = resolveSecret(token, from);
    const shown = token.map((part) => (typeof part === 'string' ? '…' : referenceText(part))).join('');
    if (value.length < MIN_LENGTH || value.length > MAX_LENGTH) {
      return problem(
        path,
        `${value.length} characters in ${shown}`,
        `${MIN_LENGTH} to ${MAX_LENGTH}`,
        'make one by chance, for example with: openssl rand -hex 32',
      );
    }
    if (!/^[\x21-\x7e]+$/.test(value)) {
      return problem(
        path,
        `a space, a line break or a character outside ASCII in ${shown}`,
        'a token on one line of visible ASCII',
        'make one by chance, for example with: openssl rand -hex 32',
      );
    }
    const first = seen.get(value);
    if (first !== undefined) {
      return problem(
        path,
        `in ${shown} the value of tokens[${first}]`,
        'a value of its own for each token',
        'make another, so that the log shows which token was used',
      );
    }
    seen.set(value, i);
    return [];
  });
}

const ORIGIN: Origin = { place: (path) => ({ label: pathText(path), order: Number(path[2]) }) };

/**
 * Returns the tokens of `serve.tokens` with their values resolved.
 * @throws SoakError SECRET_MISSING, CONFIG_INVALID; messages name references, never values
 */
export function readAccess({ serve }: Pick<Config, 'serve'>, from: SecretSource): Access {
  const problems = tokenProblems(serve.tokens, from);
  if (problems.length > 0) throw errorOf(problems, ORIGIN);
  return {
    tokens: serve.tokens.map(({ name, role, token }) => ({ name, role, value: resolveSecret(token, from) })),
    metrics: serve.metrics,
  };
}
