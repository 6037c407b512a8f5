import type { StreamCounters } from './classifier.ts';
import { codePointsOf } from './code-points.ts';
import { isObject, type JsonObject } from './json/values.ts';

/** Counts a chunk that adds so many code points to the answer; without any it has no content. */
export function addContent(characters: number, counters: StreamCounters): void {
  if (characters > 0) counters.contentChunks++;
  counters.characters += characters;
}

/** Fields of a part of content that hold its text; the first that is there counts. */
const PART_FIELDS = ['text', 'thinking', 'summary', 'content', 'refusal'] as const;
/** Parts are nested two deep by those who nest them. */
const MAX_DEPTH = 4;

/** @returns code points of content: a text, or a list of parts, which hold texts or lists again */
export function textLength(content: unknown, depth = 0): number {
  if (typeof content === 'string') return codePointsOf(content);
  if (depth === MAX_DEPTH) return 0;
  if (Array.isArray(content)) {
    return content.reduce((sum: number, part) => sum + textLength(part, depth + 1), 0);
  }
  if (!isObject(content)) return 0;
  const field = PART_FIELDS.find((name) => content[name] !== undefined && content[name] !== null);
  return field === undefined ? 0 : textLength(content[field], depth + 1);
}

/**
 * @returns code points of a tool call: of its name, and of its arguments as sent
 * @param argumentsLength of arguments that are JSON and not text
 */
export function toolCallLength(
  call: unknown,
  argumentsLength: (value: JsonObject) => number = () => 0,
): number {
  if (!isObject(call)) return 0;
  const { name, arguments: made } = call;
  const length = isObject(made) ? argumentsLength(made) : textLength(made);
  return (typeof name === 'string' ? codePointsOf(name) : 0) + length;
}

/** Where models put what they think, by different names in different APIs: often under two of them at once. */
const REASONING_FIELDS = ['reasoning_content', 'reasoning', 'reasoning_details', 'thinking_blocks'] as const;

/** @returns code points of the first of the reasoning fields that is not empty */
export function reasoningLength(delta: JsonObject): number {
  for (const field of REASONING_FIELDS) {
    const length = textLength(delta[field]);
    if (length > 0) return length;
  }
  return 0;
}
