import { ascii } from '../json-skip.ts';
import type { Finding, Tally } from '../judge.ts';
import { add } from './add.ts';
import { ChatChunk, FAILED, LIMITED, OPEN, type ReadChunk } from './chat-chunk.ts';
import { chatReader } from './chat-scan.ts';
import { equals, type SseRules, SseStreamJudge } from './sse.ts';

const DONE = ascii('[DONE]');
/** An answer of more choices than this is not remembered but refused. */
const MAX_CHOICES = 1024;

/** Filled and used up within one event. */
const chunk = new ChatChunk();

/** Streamed chat completions: complete when every choice seen has a finish_reason, and then `[DONE]`. */
export class OpenAiChatJudge extends SseStreamJudge {
  /** @param read the road to take; tests compare them */
  constructor(read: ReadChunk = chatReader()) {
    super(new ChatRules(read));
  }
}

class ChatRules implements SseRules {
  readonly #read: ReadChunk;
  /** Choices seen, with whether each has its finish_reason. */
  readonly #choices = new Map<number, boolean>();
  #limited = false;

  constructor(read: ReadChunk) {
    this.#read = read;
  }

  event(name: string, bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined {
    if (name === 'error') return { outcome: 'inband_error', detail: 'an event named error' };
    if (equals(bytes, start, end, DONE)) return this.#done();
    const finding = this.#read(bytes, start, end, chunk);
    if (finding !== undefined) return finding;
    if (chunk.inputTokens !== undefined) tally.inputTokens = chunk.inputTokens;
    if (chunk.outputTokens !== undefined) tally.outputTokens = chunk.outputTokens;
    add(chunk.characters, tally);
    return this.#note();
  }

  end(): Finding {
    return { outcome: 'truncated', detail: 'the body ended without [DONE]' };
  }

  /** Notes what the choices of the chunk say of their ends. */
  #note(): Finding | undefined {
    let failed = false;
    for (let i = 0; i < chunk.choices; i++) {
      const index = chunk.indexes[i]!;
      const finish = chunk.finishes[i]!;
      if (finish === OPEN) {
        if (!this.#choices.has(index)) this.#choices.set(index, false);
        continue;
      }
      this.#choices.set(index, true);
      this.#limited ||= finish === LIMITED;
      failed ||= finish === FAILED;
    }
    if (failed) return { outcome: 'inband_error', detail: 'finish_reason is error' };
    if (this.#choices.size > MAX_CHOICES) {
      return { outcome: 'malformed', detail: `an answer of more than ${MAX_CHOICES} choices` };
    }
    return undefined;
  }

  #done(): Finding {
    for (const finished of this.#choices.values()) {
      if (!finished)
        return { outcome: 'truncated', detail: '[DONE] before every choice had a finish_reason' };
    }
    return { outcome: this.#limited ? 'limited' : 'complete' };
  }
}
