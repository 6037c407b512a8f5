/**
 * The fast roads of the formats whose deltas are events or lines of their own. Each accepts the one shape that
 * most of a stream consists of and leaves all else, by −1, to the plain road of its judge, which says the same.
 */
import { JsonCursor } from '../json-cursor.ts';
import { ascii } from '../json-skip.ts';
import { JsonTemplate } from '../json-template.ts';

const TYPE = ascii('type');
const DELTA = ascii('delta');
const MESSAGE = ascii('message');
const USAGE = ascii('usage');
const TEXT = ascii('text');
const THINKING = ascii('thinking');
const PARTIAL_JSON = ascii('partial_json');
const SEQUENCE_NUMBER = ascii('sequence_number');
const RESPONSE = ascii('response');
const CONTENT = ascii('content');
const DONE = ascii('done');
const ERROR = ascii('error');
const CONTENT_BLOCK_DELTA = ascii('content_block_delta');
const TEXT_DELTA = ascii('text_delta');
const THINKING_DELTA = ascii('thinking_delta');
const INPUT_JSON_DELTA = ascii('input_json_delta');

const cursor = new JsonCursor();

/** @returns code points that an event adds to the answer; −1 where it is to be read another way */
export type ScanDelta = (bytes: Uint8Array, start: number, end: number) => number;

/** For the `content_block_delta` events of one stream of messages: they differ by their text alone. */
export function messageDeltas(): ScanDelta {
  const template = new JsonTemplate();
  return (bytes, start, end) => {
    const known = template.match(bytes, start, end, cursor);
    if (known >= 0) return known;
    const characters = scanMessageDelta(bytes, start, end);
    if (characters > 0 && characters === cursor.textCharacters) {
      template.learn(bytes, start, end, cursor.textStart, cursor.textEnd);
    }
    return characters;
  };
}

/** A `content_block_delta`. */
export const scanMessageDelta: ScanDelta = (bytes, start, end) => {
  cursor.open(bytes, start, end);
  let characters = 0;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(TYPE)) {
      seen = cursor.once(seen, 1);
      if (!cursor.word() || !cursor.wordIs(CONTENT_BLOCK_DELTA)) cursor.fail();
    } else if (cursor.keyIs(DELTA)) {
      seen = cursor.once(seen, 2);
      characters = messageDelta();
    } else if (cursor.keyIs(USAGE) || cursor.keyIs(MESSAGE)) cursor.fail();
    else cursor.skip();
  }
  return cursor.done() && seen === 3 ? characters : -1;
};

function messageDelta(): number {
  let text = 0;
  let thinking = 0;
  let json = 0;
  let type = 0;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(TYPE)) {
      seen = cursor.once(seen, 1);
      type = messageDeltaType();
    } else if (cursor.keyIs(TEXT)) {
      seen = cursor.once(seen, 2);
      text = cursor.text();
    } else if (cursor.keyIs(THINKING)) {
      seen = cursor.once(seen, 4);
      thinking = cursor.text();
    } else if (cursor.keyIs(PARTIAL_JSON)) {
      seen = cursor.once(seen, 8);
      json = cursor.text();
    } else cursor.skip();
  }
  if (type === 0) cursor.fail();
  // Of several texts the type tells which counts: no shape to know again.
  if (text + thinking + json !== cursor.textCharacters) cursor.textCharacters = 0;
  return type === 1 ? text : type === 2 ? thinking : json;
}

/** @returns 1, 2 or 3: which of the texts of the delta counts; 0 for one of another type */
function messageDeltaType(): number {
  if (!cursor.word()) return 0;
  if (cursor.wordIs(TEXT_DELTA)) return 1;
  if (cursor.wordIs(THINKING_DELTA)) return 2;
  return cursor.wordIs(INPUT_JSON_DELTA) ? 3 : 0;
}

/** Events of a response whose `delta` adds to the answer. */
export const RESPONSE_DELTAS = [
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
];
const RESPONSE_DELTA_TYPES = RESPONSE_DELTAS.map(ascii);

/** The number of the event that {@link scanResponseDelta} last accepted. */
export let responseSequence: number | undefined;

/** One of {@link RESPONSE_DELTAS}. */
export const scanResponseDelta: ScanDelta = (bytes, start, end) => {
  cursor.open(bytes, start, end);
  responseSequence = undefined;
  let characters = 0;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(TYPE)) {
      seen = cursor.once(seen, 1);
      if (!isResponseDelta()) cursor.fail();
    } else if (cursor.keyIs(DELTA)) {
      seen = cursor.once(seen, 2);
      characters = cursor.text();
    } else if (cursor.keyIs(SEQUENCE_NUMBER)) {
      seen = cursor.once(seen, 4);
      responseSequence = cursor.integer();
    } else if (cursor.keyIs(RESPONSE)) cursor.fail();
    else cursor.skip();
  }
  return cursor.done() && (seen & 3) === 3 ? characters : -1;
};

function isResponseDelta(): boolean {
  if (!cursor.word()) return false;
  for (const type of RESPONSE_DELTA_TYPES) if (cursor.wordIs(type)) return true;
  return false;
}

/** A line of Ollama that is not the last one. */
export const scanOllamaLine: ScanDelta = (bytes, start, end) => {
  cursor.open(bytes, start, end);
  let characters = 0;
  let ofMessage = 0;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(MESSAGE)) {
      seen = cursor.once(seen, 1);
      ofMessage = ollamaMessage();
    } else if (cursor.keyIs(RESPONSE)) {
      seen = cursor.once(seen, 2);
      characters += cursor.text();
    } else if (cursor.keyIs(THINKING)) {
      seen = cursor.once(seen, 4);
      characters += cursor.text();
    } else if (cursor.keyIs(DONE)) {
      seen = cursor.once(seen, 8);
      if (!cursor.skipFalse()) cursor.fail();
    } else if (cursor.keyIs(ERROR)) cursor.fail();
    else cursor.skip();
  }
  if (!cursor.done()) return -1;
  return (seen & 1) === 1 ? ofMessage : characters;
};

/** @returns code points of the text and the thinking of a message */
function ollamaMessage(): number {
  let characters = 0;
  let seen = 0;
  for (let more = cursor.enterObject(); more; more = cursor.nextKey()) {
    if (cursor.keyIs(CONTENT)) {
      seen = cursor.once(seen, 1);
      characters += cursor.text();
    } else if (cursor.keyIs(THINKING)) {
      seen = cursor.once(seen, 2);
      characters += cursor.text();
    } else cursor.skip();
  }
  return characters;
}
