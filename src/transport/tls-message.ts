const TRUST = '--ca FILE (tls.ca) trusts it';
const NO_TLS = 'the answer is not TLS; if the port speaks plain HTTP, write http://';
const UNKNOWN_AUTHORITY = `unknown issuer; ${TRUST}, unless the server's chain is incomplete`;

/** Messages that replace those of OpenSSL and Node, by code: cause first, then the remedy. */
const MESSAGES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: `self-signed certificate; ${TRUST}`,
  SELF_SIGNED_CERT_IN_CHAIN: `an authority that is not trusted; ${TRUST}`,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'the certificate has expired; renew it on the server',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet; set the clocks of server and soakd, or renew it',
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_HTTP_REQUEST: NO_TLS,
  ECONNRESET: 'the connection was reset during the TLS handshake',
};

/**
 * Returns the cause of an error of the TLS handshake, and its remedy.
 * @param code of OpenSSL, Node or the system
 * @param said the words that came with it
 * @param http2 whether HTTP/2 was asked for
 */
export function tlsMessage(code: string, said: string, http2: boolean): string {
  if (Object.hasOwn(MESSAGES, code)) return MESSAGES[code]!;
  if (/ALERT_NO_APPLICATION_PROTOCOL$/.test(code))
    return http2
      ? 'the server refuses HTTP/2; leave out --http2 (http2)'
      : 'the server refuses HTTP/1.1; for HTTP/2 set --http2 N (http2)';
  if (/ALERT_CERTIFICATE_REQUIRED$/.test(code))
    return 'the server wants a client certificate; show one with --cert and --key (tls.cert, tls.key)';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `${said.slice(0, 90)}; --server-name NAME (tls.serverName) asks for another name`;
  // Node advises a flag of its own, which soakd has no use for.
  return said.replace(/; if the root CA is installed locally,.*$/s, '');
}
