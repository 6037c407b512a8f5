import type { ClassifierResult } from '../core/outcome.ts';

/**
 * What the head of a response says about the stream.
 * @param contentTypes accepted media types, lower case; empty accepts any
 * @returns `undefined` where the response is accepted
 */
export function headerFault(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  contentTypes: readonly string[],
): ClassifierResult | undefined {
  if (status === 204)
    return { outcome: 'wrong_content_type', detail: 'status 204, a response without a body' };
  if (status >= 300) {
    return {
      outcome: 'http_error',
      detail: status < 400 ? `status ${status}, redirects are not followed` : `status ${status}`,
    };
  }
  const encoding = one(headers['content-encoding'])?.toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    return {
      outcome: 'wrong_content_type',
      detail: `content-encoding ${encoding.slice(0, 40)}, though none was asked for`,
    };
  }
  if (contentTypes.length === 0) return undefined;
  const type = one(headers['content-type'])?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && contentTypes.includes(type)) return undefined;
  const found = type === undefined ? 'no content-type' : `content-type ${type.slice(0, 60)}`;
  return { outcome: 'wrong_content_type', detail: `${found} where ${contentTypes.join(' or ')} is needed` };
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
