import { codePoints } from '../code-points.ts';
import { JsonCursor } from './cursor.ts';
import { ascii } from './skip.ts';

/** In a path: each element of an array. */
export const EACH = '*';

/**
 * How long values are as they were sent, with whatever spaces: their objects, once parsed, do not say.
 * @param path keys from the top; {@link EACH} for the elements of an array
 * @returns code points of the JSON text of each value at the path, in the order in which they stand; those of an
 * element without that key are left out
 */
export function sourceLengths(
  bytes: Uint8Array,
  start: number,
  end: number,
  path: readonly string[],
): number[] {
  const cursor = new JsonCursor();
  cursor.open(bytes, start, end);
  const found: number[] = [];
  const walk = (depth: number): void => {
    const key = path[depth];
    if (key === undefined) {
      const from = cursor.at;
      cursor.skip();
      if (cursor.at > from) found.push(codePoints(bytes, from, cursor.at));
    } else if (cursor.skipNull()) return;
    else if (key === EACH)
      for (let more = cursor.enterArray(); more; more = cursor.nextElement()) walk(depth + 1);
    else {
      const name = ascii(key);
      for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
        if (cursor.keyIs(name)) walk(depth + 1);
        else cursor.skip();
      }
    }
  };
  walk(0);
  cursor.done();
  return found;
}
