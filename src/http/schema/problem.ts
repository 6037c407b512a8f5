import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import type { Schema } from './build.ts';
import { count, list, object, oneOf, ref, text } from './build.ts';

const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export const PROBLEM: Schema = {
  $id: 'Problem',
  ...object(
    'Problem details (RFC 9457).',
    {
      type: { const: 'about:blank', description: 'always about:blank; `code` identifies the problem' },
      title: text('meaning of the code'),
      status: count('HTTP status of the response'),
      detail: text('what is wrong and how to fix it'),
      code: oneOf(Object.keys(ERRORS), 'error code for programs; its meaning never changes'),
      errors: list(
        text('place, value found, value expected, how to fix it'),
        'one line for each mistake; absent if `detail` is all',
      ),
    },
    ['errors'],
  ),
  examples: [
    {
      type: 'about:blank',
      title: ERRORS.USAGE.message,
      status: 400,
      detail: 'body.users: found "5" (a string), expected a whole number of virtual users of at least 0',
      code: 'USAGE',
      errors: ['body.users: found "5" (a string), expected a whole number of virtual users of at least 0'],
    },
  ],
};

/** Returns the error responses of an operation by status. */
export function problemResponses(codes: readonly ErrorCode[]): Record<string, Schema> {
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      String(status),
      problemResponse(group.map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('; ')),
    ]),
  );
}

export function problemResponse(description: string): Schema {
  return { description, content: { [PROBLEM_MEDIA_TYPE]: { schema: ref('Problem') } } };
}
