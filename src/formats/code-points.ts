/** @returns Unicode code points in UTF-8 bytes: every byte that does not continue one starts one */
export function codePoints(bytes: Uint8Array, start: number, end: number): number {
  let n = 0;
  for (let i = start; i < end; i++) if ((bytes[i]! & 0xc0) !== 0x80) n++;
  return n;
}

/**
 * @returns Unicode code points of a string: UTF-16 units less the second halves of pairs. So a pair that a server
 * tore in two, half in one chunk and half in the next, still adds up to one.
 */
export function codePointsOf(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) n--;
  return n;
}
