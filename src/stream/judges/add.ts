import type { Tally } from '../judge.ts';

/** Counts a chunk that adds so many code points to the answer; without any it has no content. */
export function add(characters: number, tally: Tally): void {
  if (characters > 0) tally.contentChunks++;
  tally.characters += characters;
}
