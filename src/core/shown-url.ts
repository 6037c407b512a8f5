/** Names of headers, JSON keys and query parameters whose values are not shown. */
const SECRET_NAME =
  /(^|[-_])(authorization|cookie|password|passwd|secret|token|sig|signature|credential|session|key|apikey|auth)s?$/i;

/** Parameters of a sign-in that can be exchanged for a session, beside those named as secrets are. */
const SIGN_IN_NAME = /^(code|state|nonce|ticket|assertion|jwt|samlrequest|samlresponse|relaystate)$/i;

/** Longest `location` that is shown, characters. */
export const MAX_LOCATION = 120;

export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name.replace(/([a-z])([A-Z])/g, '$1-$2'));
}

/** @returns the URL with the values of secret parameters masked */
export function shownUrl(href: string): { readonly url: string; readonly masked: boolean } {
  const url = new URL(href);
  let masked = false;
  for (const name of [...url.searchParams.keys()]) {
    if (!isSecretName(name)) continue;
    url.searchParams.set(name, 'HIDDEN');
    masked = true;
  }
  return { url: masked ? url.href : href, masked };
}

/**
 * Returns a `location` header for a person: without user, password and fragment, with the values of secret
 * parameters masked, and of at most {@link MAX_LOCATION} characters. The header need not be a URL.
 */
export function shownLocation(location: string): string {
  const [target = ''] = location.split('#', 1);
  const mark = target.indexOf('?');
  const path = (mark < 0 ? target : target.slice(0, mark)).replace(
    /^((?:[a-z][a-z0-9+.-]*:)?\/\/)[^/]*@/i,
    '$1',
  );
  const query =
    mark < 0
      ? ''
      : `?${target
          .slice(mark + 1)
          .split('&')
          .map(masked)
          .join('&')}`;
  const shown = path + query;
  return shown.length <= MAX_LOCATION ? shown : `${shown.slice(0, MAX_LOCATION - 3)}...`;
}

function masked(parameter: string): string {
  const [name = '', ...value] = parameter.split('=');
  const plain = decoded(name);
  return value.length > 0 && (isSecretName(plain) || SIGN_IN_NAME.test(plain)) ? `${name}=HIDDEN` : parameter;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Returns a URL without possible secrets: its user and password, and the values of its query. */
export function publicUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
    .replace(/[?#].*$/s, (rest) => (rest.startsWith('?') ? '?…' : ''));
}
