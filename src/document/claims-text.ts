import type { CheckedAgainstTable } from '../analysis/contradictions.ts';
import type { Analysed } from './analysed.ts';
import { plural } from './text.ts';

/**
 * Writes how the text of a written report stands to its own table: which of the two a contradiction is about, since a reader
 * must not take the values of the levels for wrong.
 */
export function claimsText(
  { name }: Pick<Analysed, 'name'>,
  checked: readonly CheckedAgainstTable[],
): string {
  const count = (result: CheckedAgainstTable['check']['result']): number =>
    checked.filter(({ check }) => check.result === result).length;
  const found = [
    [count('contradicted'), 'contradicted by the numbers of its own table'],
    [count('missing'), 'about a value that the report names and does not give'],
    [count('unchecked'), 'about something that the table has no value of'],
    [count('holds'), 'borne out by the table'],
  ] as const;
  const parts = found.flatMap(([n, what]) => (n === 0 ? [] : [`${n} ${n === 1 ? 'is' : 'are'} ${what}`]));
  return `The text of ${name} makes ${plural(checked.length, 'claim')} that were checked: ${parts.join(', ')}. This is about what the text says, not about the levels: they stand as the table has them.`;
}
