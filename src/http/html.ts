const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; background: #fff }
  h1 { font-size: 1.4rem; margin: 0 } h1 small { font-weight: normal; color: #59636e }
  h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem } h3 { font-size: 1rem; margin: 2rem 0 .25rem } pre, code { font: .875em/1.5 ui-monospace, monospace } h3 code { font-weight: bold }
  pre { overflow-x: auto; padding: .5rem .75rem; border: 1px solid #d8dee4; border-radius: .25rem }
  table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem } th { text-align: left; font-weight: normal; color: #59636e; width: 11rem }
  td, th { padding: .2rem .5rem .2rem 0; vertical-align: top; border-bottom: 1px solid #d8dee4; overflow-wrap: anywhere }
  input, button { font: inherit; padding: .4rem .6rem } input[type=password] { width: 100%; max-width: 30rem; box-sizing: border-box }
  @media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3; color-scheme: dark } a { color: #58a6ff } td, th, pre { border-color: #30363d } }
`;

/**
 * Returns a page without scripts and without external resources.
 * @param title plain text
 * @param body HTML
 * @param refreshSeconds absent: the page does not refresh
 * @param next path that the refresh opens; absent: the page itself
 */
export function htmlPage(title: string, body: string, refreshSeconds?: number, next?: string): string {
  const to = next === undefined ? '' : `; url=${escapeHtml(next)}`;
  const refresh =
    refreshSeconds === undefined ? '' : `<meta http-equiv="refresh" content="${refreshSeconds}${to}">`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${refresh}
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>
${body}
</body>
</html>
`;
}

/** @param name HTML, as is `value` */
export function row(name: string, value: string): string {
  return `<tr><th>${name}</th><td>${value}</td></tr>`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
