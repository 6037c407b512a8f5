import type { ClassifierResult } from '../core/outcome.ts';
import { shownLocation } from '../core/shown-url.ts';

/**
 * What the head of a response says about the stream.
 * @param contentTypes accepted media types, lower case; empty accepts any
 * @param acceptEncoding that header of the request
 * @returns `undefined` where the response is accepted
 */
export function headerFault(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  contentTypes: readonly string[],
  acceptEncoding = 'identity',
): ClassifierResult | undefined {
  if (status === 204)
    return { outcome: 'wrong_content_type', detail: 'status 204, a response without a body' };
  if (status >= 300) {
    if (status >= 400) return { outcome: 'http_error', detail: `status ${status}` };
    const location = one(headers.location);
    const to = location === undefined ? '' : ` to ${shownLocation(location)}`;
    return { outcome: 'http_error', detail: `status ${status}${to}, redirects are not followed` };
  }
  const encoding = one(headers['content-encoding'])?.toLowerCase();
  if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
    return {
      outcome: 'wrong_content_type',
      detail: `content-encoding ${encoding.slice(0, 40)}, ${whyEncoded(encoding, acceptEncoding)}`,
    };
  }
  if (contentTypes.length === 0) return undefined;
  const type = one(headers['content-type'])?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== undefined && contentTypes.includes(type)) return undefined;
  const found = type === undefined ? 'no content-type' : `content-type ${type.slice(0, 60)}`;
  return { outcome: 'wrong_content_type', detail: `${found} where ${contentTypes.join(' or ')} is needed` };
}

/**
 * Returns why a body is encoded: soakd does not ask for encoding, but a header of the target's configuration
 * may.
 */
function whyEncoded(encoding: string, asked: string): string {
  const codings = new Map(
    asked
      .toLowerCase()
      .split(',')
      .map((part) => {
        const [coding = '', ...weights] = part.split(';').map((p) => p.trim());
        return [coding, !weights.some((w) => /^q=0(\.0*)?$/.test(w))] as const;
      }),
  );
  if (codings.get(encoding) ?? codings.get('*') ?? false)
    return "asked for by the target's own accept-encoding header; remove that header";
  const others = [...codings].filter(([coding, is]) => is && coding !== '' && coding !== 'identity');
  if (others.length === 0) return 'though none was asked for';
  return "though the target's own accept-encoding header does not ask for it; remove that header";
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
