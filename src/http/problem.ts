import { ERRORS, messageOf, SoakError } from '../core/errors.ts';

/** Problem details of RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly string[];
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Returns the problem details for an error; an internal error exposes nothing but its title. */
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
    detail: isMediaType(error)
      ? 'send the body with the header content-type: application/json'
      : messageOf(error),
    code: 'USAGE',
  };
}

/** Whether Fastify refused the content type of a request. */
function isMediaType(error: unknown): boolean {
  return (error as { code?: unknown } | null | undefined)?.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE';
}
