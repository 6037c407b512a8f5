import { JsonCursor } from '../json-cursor.ts';
import { ascii } from '../json-skip.ts';
import { JsonTemplate } from '../json-template.ts';
import {
  type ChatChunk,
  FAILED,
  FINISHED,
  type Finish,
  LIMITED,
  OPEN,
  parseChatChunk,
  type ReadChunk,
} from './chat-chunk.ts';

const CHOICES = ascii('choices');
const ERROR = ascii('error');
const USAGE = ascii('usage');
const INDEX = ascii('index');
const DELTA = ascii('delta');
const FINISH_REASON = ascii('finish_reason');
const CONTENT = ascii('content');
const REASONING_CONTENT = ascii('reasoning_content');
const REASONING = ascii('reasoning');
const REFUSAL = ascii('refusal');
const TOOL_CALLS = ascii('tool_calls');
const FUNCTION = ascii('function');
const ARGUMENTS = ascii('arguments');
const PROMPT_TOKENS = ascii('prompt_tokens');
const COMPLETION_TOKENS = ascii('completion_tokens');
const INPUT_TOKENS = ascii('input_tokens');
const OUTPUT_TOKENS = ascii('output_tokens');
const LENGTH = ascii('length');
const CONTENT_FILTER = ascii('content_filter');

const MAX_CHOICES = 16;

const cursor = new JsonCursor();

/**
 * All roads for the chunks of one stream, the fastest first: a chunk that is the last one but for its text, one
 * of the usual shape, any other.
 */
export function chatReader(): ReadChunk {
  const template = new JsonTemplate();
  let index = 0;
  return (bytes, start, end, chunk) => {
    const characters = template.match(bytes, start, end, cursor);
    if (characters >= 0) {
      chunk.clear();
      chunk.characters = characters;
      chunk.add(index, OPEN);
      return undefined;
    }
    if (!scanChatChunk(bytes, start, end, chunk)) return parseChatChunk(bytes, start, end, chunk);
    if (isDelta(chunk)) {
      template.learn(bytes, start, end, cursor.textStart, cursor.textEnd);
      index = chunk.indexes[0]!;
    }
    return undefined;
  };
}

/** Whether the chunk, just scanned, adds one text to one choice and says no more. */
function isDelta(chunk: ChatChunk): boolean {
  return (
    chunk.characters > 0 &&
    chunk.characters === cursor.textCharacters &&
    chunk.choices === 1 &&
    chunk.finishes[0] === OPEN &&
    chunk.inputTokens === undefined &&
    chunk.outputTokens === undefined
  );
}

/**
 * The fast road: a chunk of the usual shape, without decoding or parsing it. Values of other types than usual,
 * an error, escapes in keys and keys that come twice are left to the plain road, `parseChatChunk`.
 * @returns whether it was of that shape; `chunk` holds nothing of use if not
 */
export function scanChatChunk(bytes: Uint8Array, start: number, end: number, chunk: ChatChunk): boolean {
  chunk.clear();
  cursor.open(bytes, start, end);
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(CHOICES)) {
      seen = cursor.once(seen, 1);
      choices(chunk);
    } else if (cursor.keyIs(ERROR)) {
      seen = cursor.once(seen, 2);
      if (!cursor.skipNull()) cursor.fail();
    } else if (cursor.keyIs(USAGE)) {
      seen = cursor.once(seen, 4);
      if (!cursor.skipNull()) usage(chunk);
    } else cursor.skip();
  }
  return cursor.done();
}

function choices(chunk: ChatChunk): void {
  for (let more = cursor.enterArray(); more; more = cursor.nextElement()) {
    if (chunk.choices === MAX_CHOICES) cursor.fail();
    else choice(chunk);
  }
}

function choice(chunk: ChatChunk): void {
  let index = 0;
  let finish: Finish = OPEN;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(INDEX)) {
      seen = cursor.once(seen, 1);
      index = cursor.integer();
    } else if (cursor.keyIs(DELTA)) {
      seen = cursor.once(seen, 2);
      if (!cursor.skipNull()) chunk.characters += delta();
    } else if (cursor.keyIs(FINISH_REASON)) {
      seen = cursor.once(seen, 4);
      finish = finishReason();
    } else cursor.skip();
  }
  chunk.add(index, finish);
}

/** @returns code points of what the delta adds to the answer */
function delta(): number {
  let characters = 0;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    const bit = textBit();
    if (bit > 0) {
      seen = cursor.once(seen, bit);
      if (!cursor.skipNull()) characters += cursor.text();
    } else if (cursor.keyIs(TOOL_CALLS)) {
      seen = cursor.once(seen, 16);
      if (!cursor.skipNull()) characters += toolCalls();
    } else cursor.skip();
  }
  return characters;
}

/** @returns the bit of the key if its value is text of the model; else 0 */
function textBit(): number {
  if (cursor.keyIs(CONTENT)) return 1;
  if (cursor.keyIs(REASONING_CONTENT)) return 2;
  if (cursor.keyIs(REASONING)) return 4;
  return cursor.keyIs(REFUSAL) ? 8 : 0;
}

function toolCalls(): number {
  let characters = 0;
  for (let more = cursor.enterArray(); more; more = cursor.nextElement()) {
    let seen = 0;
    for (let key = cursor.enterObject(); key; key = cursor.nextKey()) {
      if (cursor.keyIs(FUNCTION)) {
        seen = cursor.once(seen, 1);
        characters += madeArguments();
      } else cursor.skip();
    }
  }
  return characters;
}

function madeArguments(): number {
  let characters = 0;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(ARGUMENTS)) {
      seen = cursor.once(seen, 1);
      if (!cursor.skipNull()) characters += cursor.text();
    } else cursor.skip();
  }
  return characters;
}

function finishReason(): Finish {
  if (cursor.skipNull() || !cursor.word()) return OPEN;
  if (cursor.wordIs(LENGTH) || cursor.wordIs(CONTENT_FILTER)) return LIMITED;
  return cursor.wordIs(ERROR) ? FAILED : FINISHED;
}

function usage(chunk: ChatChunk): void {
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(PROMPT_TOKENS)) {
      seen = cursor.once(seen, 1);
      chunk.inputTokens = cursor.integer();
    } else if (cursor.keyIs(COMPLETION_TOKENS)) {
      seen = cursor.once(seen, 2);
      chunk.outputTokens = cursor.integer();
    } else if (cursor.keyIs(INPUT_TOKENS) || cursor.keyIs(OUTPUT_TOKENS)) cursor.fail();
    else cursor.skip();
  }
}
