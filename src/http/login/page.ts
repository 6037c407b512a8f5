import { escapeHtml, htmlPage } from '../html.ts';

/** The login page: no scripts, and a form that goes to this soakd alone. */
export const LOGIN_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
} as const;

/** Returns the page with the form. @param next path to go to afterwards @param problem why the last try failed */
export function loginPage(next: string, problem?: string): string {
  const alert = problem === undefined ? '' : `<p role="alert" class="fail">${escapeHtml(problem)}</p>`;
  const body = `<main><h1>soakd</h1>
<form method="post" action="/login">
<p><label for="token">Token</label><br><input id="token" name="token" type="password" autocomplete="current-password" required autofocus></p>
<input type="hidden" name="next" value="${escapeHtml(next)}">
${alert}
<p><button type="submit">Log in</button></p>
</form>
<p>The token is one of <code>serve.tokens</code> in the configuration. The role <code>read</code> shows runs; the role <code>operate</code> also starts and changes them.</p></main>`;
  return htmlPage('soakd: log in', body);
}

/**
 * Returns the page that leads to the login. It is no redirect: a browser that follows a link from another site sends the cookie of
 * a session only with the next request.
 */
export function loginNeededPage(next: string): string {
  const url = `/login?next=${encodeURIComponent(next)}`;
  return htmlPage(
    'soakd: log in',
    `<main><h1>soakd</h1><p>This page needs a login. <a href="${escapeHtml(url)}">Log in</a></p></main>`,
    0,
    url,
  );
}
