import { codePointsOf } from '../code-points.ts';
import type { Finding, Tally } from '../judge.ts';
import { decode } from '../sse-parser.ts';
import { equals, type SseRules, SseStreamJudge } from './sse.ts';

const DONE = Buffer.from('[DONE]');
/** What a model says, in whichever of the fields that are used for it. */
const TEXT_FIELDS = ['content', 'reasoning_content', 'reasoning', 'refusal'] as const;

/** Streamed chat completions: complete when every choice seen has a finish_reason, and then `[DONE]`. */
export class OpenAiChatJudge extends SseStreamJudge {
  constructor() {
    super(new ChatRules());
  }
}

class ChatRules implements SseRules {
  /** Choices seen, with whether each has its finish_reason. */
  readonly #choices = new Map<number, boolean>();
  #limited = false;

  event(name: string, bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined {
    if (name === 'error') return { outcome: 'inband_error', detail: 'an event named error' };
    if (equals(bytes, start, end, DONE)) return this.#done();
    let chunk: unknown;
    try {
      chunk = JSON.parse(decode(bytes, start, end));
    } catch {
      return { outcome: 'malformed', detail: 'the data of an event is not JSON' };
    }
    if (!isRecord(chunk))
      return { outcome: 'malformed', detail: 'the data of an event is not a JSON object' };
    if (chunk.error !== undefined && chunk.error !== null) {
      return { outcome: 'inband_error', detail: `error ${errorName(chunk.error)}` };
    }
    let characters = 0;
    let failed = false;
    for (const choice of Array.isArray(chunk.choices) ? chunk.choices : []) {
      if (!isRecord(choice)) continue;
      characters += this.#content(choice.delta);
      failed = this.#finish(choice) || failed;
    }
    if (characters > 0) tally.contentChunks++;
    tally.characters += characters;
    return failed ? { outcome: 'inband_error', detail: 'finish_reason is error' } : undefined;
  }

  end(): Finding {
    return { outcome: 'truncated', detail: 'the body ended without [DONE]' };
  }

  #done(): Finding {
    for (const finished of this.#choices.values()) {
      if (!finished)
        return { outcome: 'truncated', detail: '[DONE] before every choice had a finish_reason' };
    }
    return { outcome: this.#limited ? 'limited' : 'complete' };
  }

  /** @returns code points of what the delta adds to the answer */
  #content(delta: unknown): number {
    if (!isRecord(delta)) return 0;
    let n = 0;
    for (const field of TEXT_FIELDS) {
      const text = delta[field];
      if (typeof text === 'string') n += codePointsOf(text);
    }
    for (const call of Array.isArray(delta.tool_calls) ? delta.tool_calls : []) {
      const made = isRecord(call) && isRecord(call.function) ? call.function.arguments : undefined;
      if (typeof made === 'string') n += codePointsOf(made);
    }
    return n;
  }

  /** @returns whether the choice ended with an error */
  #finish(choice: Record<string, unknown>): boolean {
    const index = typeof choice.index === 'number' ? choice.index : 0;
    const reason = choice.finish_reason;
    if (typeof reason !== 'string') {
      if (!this.#choices.has(index)) this.#choices.set(index, false);
      return false;
    }
    this.#choices.set(index, true);
    this.#limited ||= reason === 'length' || reason === 'content_filter';
    return reason === 'error';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The type or code of an API error: a word for the log, never its message, which may quote the prompt. */
function errorName(error: unknown): string {
  if (!isRecord(error)) return '(no type)';
  const name = error.type ?? error.code;
  return typeof name === 'string' || typeof name === 'number' ? String(name).slice(0, 60) : '(no type)';
}
