/** Longest text of a block, in UTF-16 units: what a target reports can be of any length. */
const MAX_TEXT = 4000;
/** Control characters, line separators and marks that change the order of the text around them. */
const UNSEEN =
  /[\p{Cc}\p{Cs}\u061C\u200B\u200E\u200F\u2028\u2029\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/gu;

/**
 * Returns text in which every character is seen: white space of a control is a blank, other controls are named
 * (`[U+202E]`), since a name must not reorder or hide what stands beside it.
 */
export function visibleText(text: string): string {
  const seen = text
    .toWellFormed()
    .replace(/[\t\n\r\f\v]+/g, ' ')
    .replace(UNSEEN, (c) => `[U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`);
  return seen.length <= MAX_TEXT ? seen : `${seen.slice(0, MAX_TEXT - 1).toWellFormed()}…`;
}

/** Scripts that are written from right to left. */
const RTL =
  '\\p{Script=Hebrew}\\p{Script=Arabic}\\p{Script=Syriac}\\p{Script=Thaana}\\p{Script=Nko}\\p{Script=Adlam}';
/** One name: what stands between two names, or around one, is text of the report. */
const RTL_RUN = new RegExp(`([${RTL}](?:[${RTL}\\p{M}\\p{N}]|[ ,./_-](?=[${RTL}]))*)`, 'u');

/** Splits text into runs from left to right and from right to left: the odd parts are the latter. */
export function directionRuns(text: string): string[] {
  return text.split(RTL_RUN);
}
