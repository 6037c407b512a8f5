import { ELSEWHERE } from '../../history/database.ts';
import type { DataFolderState } from '../../history/inspect.ts';
import { type Check, size, stateOf } from '../check.ts';

/** Free space that is wanted besides room for the history to grow, bytes: the write-ahead log, and other programs. */
const MIN_FREE = 2 ** 30;

/**
 * Checks the data folder.
 * @param state `undefined`: no history is kept
 * @param maxBytes size of the database above which soakd deletes old runs
 */
export function historyCheck(state: DataFolderState | undefined, maxBytes: number): Check {
  const name = 'history';
  if (state === undefined) return { name, state: 'ok', found: 'none is kept (--data none)', advice: [] };
  const { folder, exists, unwritable, freeBytes = 0, sizeBytes, problem } = state;
  const needed = Math.max(MIN_FREE, maxBytes - sizeBytes);
  const wanted = `a folder that soakd can write, with ${size(needed)} free (history.maxSize is ${size(maxBytes)})`;
  if (unwritable !== undefined)
    return {
      name,
      // soakd runs without a history where nobody named the folder.
      state: stateOf({ fail: !folder.isDefault, warn: true }),
      found: `${folder.path} cannot be ${exists ? 'written' : 'made'}: ${unwritable}`,
      wanted,
      advice: [`fix its permissions, ${ELSEWHERE}`],
    };
  if (problem !== undefined)
    return {
      name,
      state: 'fail',
      found: problem,
      wanted: 'a database of this version of soakd, or none',
      // The text has it.
      advice: [],
    };
  const few = freeBytes < needed;
  const kept =
    sizeBytes === 0
      ? 'no history yet'
      : `a history of ${sizeBytes < 2 ** 20 ? 'less than 1 MiB' : size(sizeBytes)}`;
  return {
    name,
    // A full disk ends no run.
    state: stateOf({ warn: few }),
    found: `${folder.path}: ${kept}, ${size(freeBytes)} free`,
    wanted,
    advice: few ? [`free space, set a lower history.maxSize, or ${ELSEWHERE}`] : [],
  };
}
