import { codePointsOf } from '../code-points.ts';
import { errorName, isObject, type JsonObject, noteUsage, parseObject } from '../json.ts';
import type { Finding, Tally } from '../judge.ts';
import { add } from './add.ts';
import { messageDeltas, type ScanDelta } from './delta-scan.ts';
import { type SseRules, SseStreamJudge } from './sse.ts';

/** Deltas that add to the answer, and the field that holds what they add. */
const DELTA_TEXT: ReadonlyMap<string, string> = new Map([
  ['text_delta', 'text'],
  ['thinking_delta', 'thinking'],
  ['input_json_delta', 'partial_json'],
]);

/** A message with more blocks open at once than this is not remembered but refused. */
const MAX_OPEN_BLOCKS = 1024;

/** Streamed messages: complete at `message_stop`, all blocks closed, a stop_reason seen. */
export class AnthropicJudge extends SseStreamJudge {
  /** @param scan the fast road for deltas; tests compare it with the plain one */
  constructor(scan: ScanDelta = messageDeltas()) {
    super(new MessageRules(scan));
  }
}

class MessageRules implements SseRules {
  readonly #scan: ScanDelta;
  readonly #openBlocks = new Set<number>();
  /** What the stop_reason that was seen makes of the message. */
  #stop: Finding | undefined;

  constructor(scan: ScanDelta) {
    this.#scan = scan;
  }

  event(name: string, bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined {
    if (name === 'ping') return undefined;
    const characters = this.#scan(bytes, start, end);
    if (characters >= 0) {
      add(characters, tally);
      return undefined;
    }
    const event = parseObject(bytes, start, end);
    if (event === undefined) {
      return name === 'error'
        ? { outcome: 'inband_error', detail: 'an event named error' }
        : { outcome: 'malformed', detail: 'the data of an event is not a JSON object' };
    }
    if (isObject(event.message)) noteUsage(event.message.usage, tally);
    noteUsage(event.usage, tally);
    switch (event.type ?? name) {
      case 'error':
        return { outcome: 'inband_error', detail: `error ${errorName(event.error)}` };
      case 'content_block_start':
        this.#openBlocks.add(indexOf(event));
        return this.#openBlocks.size > MAX_OPEN_BLOCKS
          ? { outcome: 'malformed', detail: `a message with more than ${MAX_OPEN_BLOCKS} blocks open` }
          : undefined;
      case 'content_block_delta':
        add(charactersOf(event.delta), tally);
        return undefined;
      case 'content_block_stop':
        this.#openBlocks.delete(indexOf(event));
        return undefined;
      case 'message_delta':
        this.#noteStop(event);
        return undefined;
      case 'message_stop':
        return this.#stopped();
      default:
        // The API says that new types may come at any time.
        return undefined;
    }
  }

  end(): Finding {
    return { outcome: 'truncated', detail: 'the body ended without message_stop' };
  }

  #noteStop({ delta }: JsonObject): void {
    if (!isObject(delta) || typeof delta.stop_reason !== 'string') return;
    this.#stop = { outcome: delta.stop_reason === 'max_tokens' ? 'limited' : 'complete' };
  }

  #stopped(): Finding {
    if (this.#openBlocks.size > 0)
      return { outcome: 'truncated', detail: 'message_stop with a content block open' };
    return this.#stop ?? { outcome: 'truncated', detail: 'message_stop without a stop_reason' };
  }
}

function indexOf({ index }: JsonObject): number {
  return typeof index === 'number' ? index : -1;
}

/** @returns code points of what a delta adds to the answer */
function charactersOf(delta: unknown): number {
  if (!isObject(delta) || typeof delta.type !== 'string') return 0;
  const field = DELTA_TEXT.get(delta.type);
  const text = field === undefined ? undefined : delta[field];
  return typeof text === 'string' ? codePointsOf(text) : 0;
}
