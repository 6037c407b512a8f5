import type { Terminal } from '../core/target.ts';
import type {
  ClassifierFactory,
  ClassifierOptions,
  ClassifierResult,
  LearnedEnd,
  StreamCounters,
} from './classifier.ts';
import { codePoints } from './code-points.ts';
import { isDone } from './done.ts';
import { ERROR_EVENT, EventClassifier } from './event-classifier.ts';
import { EVENT_STREAM, type StreamFormat } from './format.ts';
import { type EventTest, eventTest, isPresent, isSet } from './matcher.ts';

/** What the streams of a target have in common. */
interface Rules {
  readonly terminal: Terminal | undefined;
  readonly isTerminal: EventTest | undefined;
  readonly isError: EventTest | undefined;
  readonly learned: LearnedEnd | undefined;
  readonly maxEventBytes: number | undefined;
}

const CONFIGURED_ERROR: ClassifierResult = {
  outcome: 'inband_error',
  detail: 'an event that matches error: of the target',
};

/**
 * Plain server-sent events, which say neither what is content nor how they end: every event with data but the
 * terminal one is content, and `[DONE]` never is.
 */
class SseClassifier extends EventClassifier {
  readonly #rules: Rules;
  #endsInDone = false;

  constructor(rules: Rules) {
    super(rules.maxEventBytes);
    this.#rules = rules;
  }

  protected override onEvent(
    name: string,
    bytes: Uint8Array,
    start: number,
    end: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined {
    const { isError, isTerminal, terminal } = this.#rules;
    if (isError?.(name, bytes, start, end)) return CONFIGURED_ERROR;
    if (isTerminal?.(name, bytes, start, end)) return ended(counters, terminal?.kind !== 'data');
    if (name === 'error') return ERROR_EVENT;
    if (isDone(bytes, start, end)) return this.#done(counters);
    this.#endsInDone = false;
    counters.contentChunks++;
    counters.characters += codePoints(bytes, start, end);
    return undefined;
  }

  /** A space, or a line break, may be a whole chunk of a text. */
  protected override isBlank(): boolean {
    return false;
  }

  protected override onNameAlone(name: string, counters: StreamCounters): ClassifierResult | undefined {
    const { isError, terminal } = this.#rules;
    if (isError?.(name, NOTHING, 0, 0)) return CONFIGURED_ERROR;
    if (terminal?.kind === 'event' && terminal.event === name) return ended(counters);
    return super.onNameAlone(name, counters);
  }

  protected override onEnd(counters: StreamCounters): ClassifierResult {
    const { terminal, learned } = this.#rules;
    if (terminal !== undefined && terminal.kind !== 'end')
      return { outcome: 'truncated', detail: 'the body ended without the terminal event' };
    if (counters.contentChunks === 0)
      return { outcome: 'truncated', detail: 'the body ended without an event that has content' };
    if (terminal === undefined) learned?.learn(this.#endsInDone ? 'done' : 'none');
    return terminal === undefined && learned?.known === 'done' && !this.#endsInDone
      ? {
          outcome: 'truncated',
          detail: 'the body ended without [DONE], in which the first stream of the target ended',
        }
      : { outcome: 'complete' };
  }

  #done(counters: StreamCounters): ClassifierResult | undefined {
    this.#endsInDone = true;
    const { terminal, learned } = this.#rules;
    return terminal === undefined && learned?.known === 'done' ? ended(counters) : undefined;
  }
}

const NOTHING = new Uint8Array(0);
const COMPLETE: ClassifierResult = { outcome: 'complete' };
const ALONE: ClassifierResult = { outcome: 'truncated', detail: 'the terminal event came alone' };

/**
 * What the terminal event means: alone, it is no answer.
 * @param answers whether it can be a whole answer itself: it has a name or a value by which it is known, and data
 */
function ended({ contentChunks }: StreamCounters, answers = false): ClassifierResult {
  return answers || contentChunks > 0 ? COMPLETE : ALONE;
}

function rulesFor({ terminal, error, learned, maxEventBytes }: ClassifierOptions): Rules {
  const matched = terminal?.kind === 'end' || terminal?.kind === 'finish' ? undefined : terminal;
  return {
    terminal,
    isTerminal: matched === undefined ? undefined : eventTest(matched, isSet),
    isError: error === undefined ? undefined : eventTest(error, isPresent),
    learned,
    maxEventBytes,
  };
}

export const SSE = {
  name: 'sse',
  help: 'server-sent events; one chunk is one event with data',
  framing: 'events',
  ...EVENT_STREAM,
  paid: false,
  terminals: { kinds: ['data', 'event', 'path', 'end'], usual: { kind: 'data', data: '[DONE]' } },
  errors: ['data', 'event', 'path'],
  path: ['/sse'],
  tokenLimits: [],
  guess: null,
  classifier: (options): ClassifierFactory => {
    const rules = rulesFor(options);
    return () => new SseClassifier(rules);
  },
  example: 'data: some\n\ndata: words\n\ndata: [DONE]\n\n',
} as const satisfies StreamFormat;
