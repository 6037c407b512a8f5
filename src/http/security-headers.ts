/** Sent with every response, also with those that no route gives. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  // Without any referrer a browser sends forms with `Origin: null`, which the check of other sites refuses.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** Replaces the policy above on the page and its files: scripts and styles of soakd itself, and nothing inline. */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; " +
    "frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
} as const;
