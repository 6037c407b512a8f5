import { codePointsOf } from '../code-points.ts';
import { errorName, isObject, noteUsage, parseObject } from '../json.ts';
import type { Finding, Tally } from '../judge.ts';
import { add } from './add.ts';
import { RESPONSE_DELTAS, responseSequence, type ScanDelta, scanResponseDelta } from './delta-scan.ts';
import { type SseRules, SseStreamJudge } from './sse.ts';

const CONTENT: ReadonlySet<string> = new Set(RESPONSE_DELTAS);

/** Streamed responses: complete at `response.completed`, numbered without a gap. */
export class OpenAiResponsesJudge extends SseStreamJudge {
  /** @param scan the fast road for deltas; tests compare it with the plain one */
  constructor(scan: ScanDelta = scanResponseDelta) {
    super(new ResponseRules(scan));
  }
}

class ResponseRules implements SseRules {
  readonly #scan: ScanDelta;
  #sequence: number | undefined;

  constructor(scan: ScanDelta) {
    this.#scan = scan;
  }

  event(name: string, bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined {
    const characters = this.#scan(bytes, start, end);
    if (characters >= 0) {
      const gap = this.#gap(responseSequence);
      if (gap === undefined) add(characters, tally);
      return gap;
    }
    const event = parseObject(bytes, start, end);
    if (event === undefined) {
      return name === 'error'
        ? { outcome: 'inband_error', detail: 'an event named error' }
        : { outcome: 'malformed', detail: 'the data of an event is not a JSON object' };
    }
    const type = typeof event.type === 'string' ? event.type : name;
    if (type === 'error')
      return { outcome: 'inband_error', detail: `error ${errorName(event.error ?? { code: event.code })}` };
    const gap = this.#gap(event.sequence_number);
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
        if (CONTENT.has(type) && typeof event.delta === 'string') add(codePointsOf(event.delta), tally);
        return undefined;
    }
  }

  end(): Finding {
    return { outcome: 'truncated', detail: 'the body ended without response.completed' };
  }

  #gap(number: unknown): Finding | undefined {
    if (typeof number !== 'number') return undefined;
    const expected = this.#sequence === undefined ? number : this.#sequence + 1;
    this.#sequence = number;
    if (number === expected) return undefined;
    return { outcome: 'protocol_violation', detail: `sequence_number ${number} where ${expected} was due` };
  }
}
