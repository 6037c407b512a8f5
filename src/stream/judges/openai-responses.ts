import { codePointsOf } from '../code-points.ts';
import { errorName, isObject, type JsonObject, noteUsage, parseObject } from '../json.ts';
import type { Finding, Tally } from '../judge.ts';
import { type SseRules, SseStreamJudge } from './sse.ts';

/** Events whose `delta` adds to the answer. */
const CONTENT = new Set([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_text.delta',
  'response.reasoning_summary_text.delta',
  'response.function_call_arguments.delta',
]);

/** Streamed responses: complete at `response.completed`, numbered without a gap. */
export class OpenAiResponsesJudge extends SseStreamJudge {
  constructor() {
    super(new ResponseRules());
  }
}

class ResponseRules implements SseRules {
  #sequence: number | undefined;

  event(name: string, bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined {
    const event = parseObject(bytes, start, end);
    if (event === undefined) {
      return name === 'error'
        ? { outcome: 'inband_error', detail: 'an event named error' }
        : { outcome: 'malformed', detail: 'the data of an event is not a JSON object' };
    }
    const type = typeof event.type === 'string' ? event.type : name;
    if (type === 'error')
      return { outcome: 'inband_error', detail: `error ${errorName(event.error ?? { code: event.code })}` };
    const gap = this.#gap(event);
    if (gap !== undefined) return gap;
    if (isObject(event.response)) noteUsage(event.response.usage, tally);
    switch (type) {
      case 'response.completed':
        return { outcome: 'complete' };
      case 'response.incomplete':
        return { outcome: 'limited' };
      case 'response.failed': {
        const error = isObject(event.response) ? event.response.error : undefined;
        return { outcome: 'inband_error', detail: `response.failed ${errorName(error)}` };
      }
      default:
        if (CONTENT.has(type) && typeof event.delta === 'string' && event.delta !== '') {
          tally.contentChunks++;
          tally.characters += codePointsOf(event.delta);
        }
        return undefined;
    }
  }

  end(): Finding {
    return { outcome: 'truncated', detail: 'the body ended without response.completed' };
  }

  #gap({ sequence_number: number }: JsonObject): Finding | undefined {
    if (typeof number !== 'number') return undefined;
    const expected = this.#sequence === undefined ? number : this.#sequence + 1;
    this.#sequence = number;
    if (number === expected) return undefined;
    return { outcome: 'protocol_violation', detail: `sequence_number ${number} where ${expected} was due` };
  }
}
