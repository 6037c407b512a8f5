import { codePointsOf } from '../code-points.ts';
import { errorName, isObject, type JsonObject, noteUsage, parseObject } from '../json.ts';
import type { Finding, Tally } from '../judge.ts';
import { type SseRules, SseStreamJudge } from './sse.ts';

/** Deltas that add to the answer, and the field that holds what they add. */
const DELTA_TEXT: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
};

/** Streamed messages: complete at `message_stop`, all blocks closed, a stop_reason seen. */
export class AnthropicJudge extends SseStreamJudge {
  constructor() {
    super(new MessageRules());
  }
}

class MessageRules implements SseRules {
  readonly #openBlocks = new Set<unknown>();
  #stopReason: string | undefined;

  event(name: string, bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined {
    if (name === 'ping') return undefined;
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
        this.#openBlocks.add(event.index);
        return undefined;
      case 'content_block_delta':
        this.#count(event.delta, tally);
        return undefined;
      case 'content_block_stop':
        this.#openBlocks.delete(event.index);
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

  #count(delta: unknown, tally: Tally): void {
    if (!isObject(delta) || typeof delta.type !== 'string') return;
    const text = delta[DELTA_TEXT[delta.type] ?? ''];
    if (typeof text !== 'string' || text === '') return;
    tally.contentChunks++;
    tally.characters += codePointsOf(text);
  }

  #noteStop({ delta }: JsonObject): void {
    if (isObject(delta) && typeof delta.stop_reason === 'string') this.#stopReason = delta.stop_reason;
  }

  #stopped(): Finding {
    if (this.#openBlocks.size > 0)
      return { outcome: 'truncated', detail: 'message_stop with a content block open' };
    if (this.#stopReason === undefined)
      return { outcome: 'truncated', detail: 'message_stop without a stop_reason' };
    return { outcome: this.#stopReason === 'max_tokens' ? 'limited' : 'complete' };
  }
}
