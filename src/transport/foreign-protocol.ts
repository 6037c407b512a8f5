/** What a frame of HTTP/2 on stream 0 looks like that a server may begin with: SETTINGS, or GOAWAY. */
function isHttp2(bytes: Uint8Array): boolean {
  const onStream0 = [5, 6, 7, 8].every((at) => bytes[at] === 0);
  return bytes[0] === 0 && bytes[1] === 0 && (bytes[3] === 4 || bytes[3] === 7) && onStream0;
}

/** A record of TLS that holds an alert: type 21, version 3.x, length 2 (RFC 8446, 5.1). */
function isTlsAlert(bytes: Uint8Array): boolean {
  return bytes[0] === 21 && bytes[1] === 3 && bytes[2]! <= 4 && bytes[3] === 0 && bytes[4] === 2;
}

/**
 * Names the protocol of an answer that is not HTTP/1.1.
 * @param bytes the beginning of the answer
 * @returns the protocol and the remedy, for a detail; `undefined` for an unknown protocol
 */
export function foreignProtocol(bytes: Uint8Array): string | undefined {
  if (bytes.length >= 9 && isHttp2(bytes))
    return 'the answer is HTTP/2; over https:// set --http2 N (http2), without TLS soakd speaks HTTP/1.1 alone';
  if (bytes.length >= 5 && isTlsAlert(bytes)) return 'the answer is TLS; write https:// instead of http://';
  return undefined;
}
