import { LineCounter, type Node, parseAllDocuments, type YAMLError } from 'yaml';
import { pathText } from './describe.ts';
import { MARK, type Spots, spotKey, toPlain } from './plain.ts';
import type { Origin, Problem } from './problem.ts';
import { type Fault3, YAML_FAULTS, yamlFault } from './yaml-faults.ts';

export const MAX_BYTES = 1_048_576;

/** A text as data, with the place of every value in it. */
export interface Source {
  readonly data: unknown;
  /** Faults of the file as a whole: its encoding, syntax, keys. */
  readonly problems: readonly Problem[];
  readonly origin: Origin;
  /** Whether the data can be checked further in spite of the problems. */
  readonly whole: boolean;
}

/** @param file as the user named it, for messages */
export function readSource(text: string, file: string): Source {
  const lines = new LineCounter();
  const spots: Spots = new Map();
  const origin = originOf(file, lines, spots);
  const broken = (offset: number, [found, expected, advice]: Fault3): Source => {
    const path = [MARK, offset];
    spots.set(spotKey(path), { value: offset, key: offset });
    return {
      data: undefined,
      problems: [{ kind: 'invalid', path, at: 'value', found, expected, advice }],
      origin,
      whole: false,
    };
  };

  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    // Looked for in `toPlain`: the parser would compare every key with every other.
    uniqueKeys: false,
    schema: 'core',
    logLevel: 'silent',
  });
  const [first, second] = documents;
  if ('empty' in documents || first === undefined) {
    return broken(0, ['an empty file', 'targets and scenarios', 'write them as docs/configuration.md shows']);
  }
  const faults = documents.flatMap((d): YAMLError[] => [...d.errors, ...d.warnings]);
  if (faults.some((f) => f.code === 'RESOURCE_EXHAUSTION')) return broken(0, YAML_FAULTS.RESOURCE_EXHAUSTION);
  // One slip derails the parser, and what it says afterwards is about its own confusion.
  const [slip] = faults.sort((a, b) => a.pos[0] - b.pos[0]);
  if (slip !== undefined) return broken(slip.pos[0], yamlFault(slip));
  if (second !== undefined) {
    return broken(second.contents?.range?.[0] ?? second.range[0], YAML_FAULTS.MULTIPLE_DOCS);
  }
  return { ...toPlain(first.contents as Node | null, spots), origin };
}

function originOf(file: string, lines: LineCounter, spots: Spots): Origin {
  return {
    place(path, at) {
      // What is missing has no place of its own: it is shown at the mapping that should hold it.
      let length = path.length;
      while (length > 0 && !spots.has(spotKey(path.slice(0, length)))) length--;
      const spot = spots.get(spotKey(path.slice(0, length)));
      const offset = spot === undefined ? 0 : at === 'key' && length === path.length ? spot.key : spot.value;
      // The parser notes no line of an empty text.
      const { line, col } = lines.lineStarts.length === 0 ? { line: 1, col: 1 } : lines.linePos(offset);
      const mark = path.indexOf(MARK);
      const words = pathText(mark < 0 ? path : path.slice(0, mark));
      return { label: `${file}:${line}:${col}${words === '' ? '' : ` ${words}`}`, order: offset };
    },
  };
}

/** @returns the text of a file, or what is wrong with its bytes */
export function decode(bytes: Uint8Array, file: string): string | Source {
  const wrong = (line: number, [found, expected, advice]: Fault3): Source => ({
    data: undefined,
    problems: [{ kind: 'invalid', path: [], at: 'value', found, expected, advice }],
    origin: { place: () => ({ label: `${file}:${line}:1`, order: 0 }) },
    whole: false,
  });
  if (bytes.length > MAX_BYTES) {
    return wrong(1, [
      'more than 1 MiB',
      'a configuration of at most 1 MiB',
      'move prompts into a file of their own',
    ]);
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    return decoder.decode(bytes);
  } catch {
    return wrong(lineOfFault(bytes), ['bytes that are not UTF-8', 'text in UTF-8', 'save the file as UTF-8']);
  }
}

/** No character of UTF-8 holds the byte of a line feed, so each line can be tried on its own. */
function lineOfFault(bytes: Uint8Array): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const feed = bytes.indexOf(0x0a, start);
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(start, feed < 0 ? bytes.length : feed));
    } catch {
      return line;
    }
    if (feed < 0) return line;
    start = feed + 1;
  }
}
