/** Characters that would move a cursor, hide or turn text around, or break a line. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffd]/u;

/** @returns the text with its control characters made visible: ␊ for a line feed, \u2028 for one that has no picture */
export function visible(text: string): string {
  return [...text].map((c) => (HIDDEN.test(c) ? picture(c) : c)).join('');
}

function picture(c: string): string {
  const code = c.codePointAt(0)!;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  // What was no UTF-8, or was cut in the middle of a character.
  if (code === 0xfffd) return '\ufffd';
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** East Asian and emoji characters take two columns of a terminal, combining marks none. */
function columns(c: string): number {
  if (/\p{M}/u.test(c)) return 0;
  const code = c.codePointAt(0)!;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** @returns the text cut to so many columns of a terminal, with an ellipsis where something is missing */
export function cut(text: string, width: number): string {
  return widthOf(text) <= width ? text : `${start(text, width - 1)}…`;
}

/** @returns the text cut in its middle: the end of a JSON event often says more than its start */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const head = start(text, Math.floor((width - 1) / 3));
  const rest = width - 1 - widthOf(head);
  const tail = [...start([...text].reverse().join(''), rest)].reverse().join('');
  return `${head}…${tail}`;
}

function widthOf(text: string): number {
  return [...text].reduce((sum, c) => sum + columns(c), 0);
}

function start(text: string, width: number): string {
  let used = 0;
  let kept = '';
  for (const c of text) {
    used += columns(c);
    if (used > width) break;
    kept += c;
  }
  return kept;
}

/** @returns the text in lines of so many columns, broken anywhere */
export function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  for (let rest = text; rest !== ''; rest = rest.slice(lines.at(-1)!.length)) lines.push(start(rest, width));
  return lines.length === 0 ? [''] : lines;
}
