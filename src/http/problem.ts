import { ERRORS, messageOf, SoakError } from '../core/errors.ts';

/** An error as RFC 9457 has it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly string[];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** @returns what a client is told of an error; of one that is not meant for it, no more than that it happened */
export function problemOf(error: unknown): Problem {
  if (error instanceof SoakError) {
    const { code, status, message, details } = error;
    const problem = { type: 'about:blank', title: ERRORS[code].message, status, detail: message, code };
    return details.length > 0 ? { ...problem, errors: details } : problem;
  }
  const status = (error as { statusCode?: number } | null | undefined)?.statusCode ?? 500;
  if (status >= 500) {
    const { message } = ERRORS.INTERNAL;
    return { type: 'about:blank', title: message, status: 500, detail: 'see the log', code: 'INTERNAL' };
  }
  return {
    type: 'about:blank',
    title: ERRORS.USAGE.message,
    status,
    detail: messageOf(error),
    code: 'USAGE',
  };
}
