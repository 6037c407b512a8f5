import { codePointsOf } from '../code-points.ts';
import { errorName, isObject, type JsonObject, noteUsage } from '../json.ts';
import type { Finding } from '../judge.ts';
import { decode } from '../sse-parser.ts';

/** What a choice says of its end. */
export const OPEN = 0;
export const FINISHED = 1;
export const LIMITED = 2;
export const FAILED = 3;
export type Finish = typeof OPEN | typeof FINISHED | typeof LIMITED | typeof FAILED;

const FINISHES: ReadonlyMap<unknown, Finish> = new Map([
  ['length', LIMITED],
  ['content_filter', LIMITED],
  ['error', FAILED],
]);

/** What a model says, in whichever of the fields that are used for it. */
const TEXT_FIELDS = ['content', 'reasoning_content', 'reasoning', 'refusal'] as const;

/** A store that held more choices than this is let go: it is the module's, not a stream's. */
const KEPT_CHOICES = 16;

/** What a judge asks of a chunk of a chat completion. One is filled again and again. */
export class ChatChunk {
  /** Code points that it adds to the answer. */
  characters = 0;
  /** How many of {@link indexes} and {@link finishes} are of this chunk. */
  choices = 0;
  indexes: number[] = [];
  finishes: Finish[] = [];
  inputTokens: number | undefined;
  outputTokens: number | undefined;

  clear(): void {
    this.characters = this.choices = 0;
    this.inputTokens = this.outputTokens = undefined;
    if (this.indexes.length > KEPT_CHOICES) {
      this.indexes = [];
      this.finishes = [];
    }
  }

  add(index: number, finish: Finish): void {
    this.indexes[this.choices] = index;
    this.finishes[this.choices++] = finish;
  }
}

/** Reads a chunk from JSON. @returns a finding where it is none, or tells of an error */
export type ReadChunk = (
  bytes: Uint8Array,
  start: number,
  end: number,
  chunk: ChatChunk,
) => Finding | undefined;

/** The plain road: whatever the chunk is. */
export const parseChatChunk: ReadChunk = (bytes, start, end, chunk) => {
  chunk.clear();
  let value: unknown;
  try {
    value = JSON.parse(decode(bytes, start, end));
  } catch {
    return { outcome: 'malformed', detail: 'the data of an event is not JSON' };
  }
  if (!isObject(value)) return { outcome: 'malformed', detail: 'the data of an event is not a JSON object' };
  if (value.error !== undefined && value.error !== null) {
    return { outcome: 'inband_error', detail: `error ${errorName(value.error)}` };
  }
  const usage: { inputTokens?: number; outputTokens?: number } = {};
  noteUsage(value.usage, usage);
  chunk.inputTokens = usage.inputTokens;
  chunk.outputTokens = usage.outputTokens;
  for (const choice of Array.isArray(value.choices) ? value.choices : []) {
    if (!isObject(choice)) continue;
    chunk.characters += contentOf(choice.delta);
    chunk.add(typeof choice.index === 'number' ? choice.index : 0, finishOf(choice));
  }
  return undefined;
};

/** @returns code points of what the delta adds to the answer */
function contentOf(delta: unknown): number {
  if (!isObject(delta)) return 0;
  let n = 0;
  for (const field of TEXT_FIELDS) {
    const text = delta[field];
    if (typeof text === 'string') n += codePointsOf(text);
  }
  for (const call of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) {
    const made = isObject(call) && isObject(call.function) ? call.function.arguments : undefined;
    if (typeof made === 'string') n += codePointsOf(made);
  }
  return n;
}

function finishOf({ finish_reason: reason }: JsonObject): Finish {
  return typeof reason === 'string' ? (FINISHES.get(reason) ?? FINISHED) : OPEN;
}
