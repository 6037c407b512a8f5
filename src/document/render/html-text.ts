import { directionRuns, visibleText } from '../visible-text.ts';

const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for an element or an attribute in quotes. */
export function escaped(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (c) => REFERENCES[c]!);
}

/** Returns text as HTML; what is written from right to left is isolated from what stands beside it. */
export function htmlText(text: string): string {
  return directionRuns(visibleText(text))
    .map((run, i) => (i % 2 === 0 ? escaped(run) : `<bdi>${escaped(run)}</bdi>`))
    .join('');
}
