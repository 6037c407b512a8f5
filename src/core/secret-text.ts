/**
 * Text in which secrets are still references. Resolved only when a worker is given its plan, so that a
 * value can reach neither a log nor an answer.
 */
export type SecretText = readonly (string | { readonly env: string } | { readonly file: string })[];
