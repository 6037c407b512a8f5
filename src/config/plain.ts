import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { isPrivate, quote } from './describe.ts';
import type { Path, Problem } from './problem.ts';
import { type Fault3, YAML_FAULTS } from './yaml-faults.ts';

const MAX_DEPTH = 32;
/** Maximum number of values with all aliases expanded: enough for any real file, far below an alias bomb. */
const MAX_VALUES = 100_000;

/** Offsets of a value and of its key in the text. */
interface Spot {
  readonly value: number;
  readonly key: number;
}

export type Spots = Map<string, Spot>;
export const spotKey = (path: Path): string => JSON.stringify(path);

/** Separates a visible path from a suffix that only distinguishes two problems of the same path. */
export const MARK = '\0';

export interface Plain {
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** `false`: parts of the data are missing, so further checks would report issues that the file does not have. */
  readonly whole: boolean;
}

/**
 * Turns the tree of a document into plain data and records the offset of every value. Does not use the parser's `toJS`,
 * which reports neither the place of a bad alias nor a circular one.
 */
export function toPlain(tree: Node | null, spots: Spots): Plain {
  const problems: Problem[] = [];
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let values = 0;
  let whole = true;

  const report = (path: Path, at: Problem['at'], [found, expected, advice]: Fault3): void => {
    problems.push({ kind: 'invalid', path, at, found, expected, advice });
  };
  const giveUp = (path: Path, fault: Fault3): null => {
    if (whole) report(path, 'value', fault);
    whole = false;
    return null;
  };

  const convert = (node: Node | null, path: Path, key: number, aliased: boolean): unknown => {
    // Inside an alias, this is the offset of the anchored text: the place to fix.
    spots.set(spotKey(path), { value: node?.range?.[0] ?? key, key });
    if (!whole || node === null) return null;
    if (++values > MAX_VALUES) {
      return giveUp(path, ['more than 100,000 values, aliases counted', 'fewer', 'repeat less with aliases']);
    }
    if (path.length > MAX_DEPTH) return giveUp(path, YAML_FAULTS.RESOURCE_EXHAUSTION);
    if (isAlias(node)) {
      const meant = anchors.get(node.source);
      if (meant === undefined) {
        return giveUp(path, [
          'an alias without an anchor before it',
          'the name of one',
          'put the text in quotes, or fix the name',
        ]);
      }
      if (open.has(meant)) {
        return giveUp(path, [
          'an alias of something that it is a part of',
          'one of something complete',
          'write the value out',
        ]);
      }
      return convert(meant, path, key, true);
    }
    // An anchor inside an expanded alias must not replace a later anchor of the same name.
    if ('anchor' in node && typeof node.anchor === 'string' && !aliased) anchors.set(node.anchor, node);
    open.add(node);
    let result: unknown = null;
    if (isScalar(node)) result = node.value;
    else if (isMap(node)) result = convertMap(node.items as Pair<Node, Node | null>[], path, aliased);
    else if (isSeq(node)) {
      result = node.items.map((item, i) =>
        convert(item as Node, [...path, i], (item as Node).range?.[0] ?? key, aliased),
      );
    }
    open.delete(node);
    return result;
  };

  const convertMap = (pairs: readonly Pair<Node, Node | null>[], path: Path, aliased: boolean): unknown => {
    const result: Record<string, unknown> = {};
    for (const { key, value } of pairs) {
      const at = key.range?.[0] ?? 0;
      const name = isScalar(key) ? String(key.value) : '';
      const inner = [...path, name];
      const again = Object.hasOwn(result, name);
      // __proto__ would set the prototype of the data instead of a key.
      if (again || name === '__proto__' || !isScalar(key)) {
        const place = [...inner, MARK, at];
        spots.set(spotKey(place), { value: at, key: at });
        const shown = isPrivate(inner) ? 'the key' : `the key ${quote(name)}`;
        if (again) report(place, 'key', [`${shown} a second time`, 'each key once', 'remove one of them']);
        else report(place, 'key', ['a key that cannot be one', 'a plain name', 'choose another name']);
      } else {
        result[name] = convert(value, inner, at, aliased);
      }
    }
    return result;
  };

  const data = convert(tree, [], 0, false);
  return { data, problems, whole };
}
