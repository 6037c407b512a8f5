/** What follows a coding in `Accept-Encoding`: `;q=` with at most three decimals (RFC 9110, 12.4.2). */
const WEIGHT = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i;

/**
 * Returns whether a response is to be compressed with gzip: where the client accepts it, and does not like the
 * identity better (RFC 9110, 12.5.3). A coding with an invalid weight is ignored.
 */
export function prefersGzip(header: string | undefined): boolean {
  if (header === undefined) return false;
  const weights = new Map<string, number>();
  for (const part of header.split(',')) {
    const [coding, weight, ...more] = part.split(';').map((p) => p.trim());
    const q = weight === undefined ? 1 : Number(WEIGHT.exec(weight)?.[1] ?? Number.NaN);
    if (coding && more.length === 0 && !Number.isNaN(q)) weights.set(coding.toLowerCase(), q);
  }
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}
