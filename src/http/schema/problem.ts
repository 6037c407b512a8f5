import { ERRORS, type ErrorCode } from '../../core/errors.ts';
import type { Schema } from './build.ts';
import { count, list, object, oneOf, ref, text } from './build.ts';

const PROBLEM_MEDIA_TYPE = 'application/problem+json';

export const PROBLEM: Schema = {
  $id: 'Problem',
  ...object(
    'An error, as RFC 9457 has it.',
    {
      type: { const: 'about:blank', description: 'the codes have no pages' },
      title: text('what the code means'),
      status: count('that of the response'),
      detail: text('what is wrong here, and what to do'),
      code: oneOf(Object.keys(ERRORS), 'for programs; never changes its meaning'),
      errors: list(
        text('where, what was found, what was expected'),
        'one for each mistake, where there are several',
      ),
    },
    ['errors'],
  ),
  examples: [
    {
      type: 'about:blank',
      title: ERRORS.USAGE.message,
      status: 400,
      detail: 'body.users: found "5" (a text), expected a whole number of virtual users of at least 0',
      code: 'USAGE',
      errors: ['body.users: found "5" (a text), expected a whole number of virtual users of at least 0'],
    },
  ],
};

/** @returns responses of an operation for its errors, by status */
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
