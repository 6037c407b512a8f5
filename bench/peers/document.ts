const BEGIN = '<!-- bench: begin -->';
const END = '<!-- bench: end -->';

/**
 * @returns the document with what stands between its two markers replaced
 * @throws Error where it does not have them once each, in this order
 */
export function withMeasured(document: string, measured: string): string {
  const from = document.indexOf(BEGIN);
  const to = document.indexOf(END);
  if (from < 0 || to < from || document.indexOf(BEGIN, from + 1) >= 0 || document.indexOf(END, to + 1) >= 0) {
    throw new Error(`expected ${BEGIN} and then ${END}, once each`);
  }
  return `${document.slice(0, from + BEGIN.length)}\n${measured.trim()}\n${document.slice(to)}`;
}
