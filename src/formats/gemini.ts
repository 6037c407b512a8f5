import type { FinishReason } from '../core/finish-reason.ts';
import type { ClassifierFactory, ClassifierResult, StreamCounters } from './classifier.ts';
import { addContent, textLength, toolCallLength } from './content.ts';
import { reportedError } from './errors.ts';
import { doneInPlaceOf } from './event-classifier.ts';
import { countFinish, finishError, finishReasonOf, outcomeOf } from './finish-reasons.ts';
import { EVENT_API, exampleEvent, type StreamFormat } from './format.ts';
import { JsonScanner, type Shape } from './json/scanner.ts';
import { EACH, sourceLengths } from './json/source.ts';
import { isObject, type JsonObject } from './json/values.ts';
import { type JsonEvent, JsonEventClassifier } from './json-events.ts';
import { noteReasoning, noteTokens } from './tokens.ts';

/** A response with one candidate that has one part of text. */
const RESPONSES: Shape = {
  object: {
    candidates: {
      one: {
        object: {
          content: {
            object: {
              parts: {
                one: {
                  object: { text: 'text', thought: 'false', functionCall: 'null', executableCode: 'null' },
                },
              },
            },
          },
          finishReason: 'null',
          index: { integer: 'index' },
        },
      },
    },
    usageMetadata: {
      object: {
        promptTokenCount: { integer: 'prompt' },
        candidatesTokenCount: { integer: 'candidates' },
        thoughtsTokenCount: { integer: 'thoughts' },
      },
    },
    promptFeedback: 'null',
    error: 'null',
  },
  required: ['candidates'],
};
/** Arguments of functions are JSON here, and not text. */
const ARGUMENTS = ['candidates', EACH, 'content', 'parts', EACH, 'functionCall', 'args'];

/** An answer of more candidates than this is not remembered but refused. */
const MAX_CANDIDATES = 1024;

/**
 * Streamed responses of the Gemini API: complete at a clean end of the body once every candidate seen has its
 * finishReason. The reason is no terminal event: content after it is content.
 */
class GeminiClassifier extends JsonEventClassifier {
  /** Where the scanner keeps the tokens of prompt, candidates and thoughts. */
  readonly #slots: readonly number[];
  /** Candidates seen, with the finish reason of each. */
  readonly #candidates = new Map<number, FinishReason | undefined>();

  constructor(scanner: JsonScanner, slots: readonly number[], maxEventBytes: number | undefined) {
    super(scanner, maxEventBytes);
    this.#slots = slots;
  }

  protected override onDelta(characters: number, counters: StreamCounters): ClassifierResult | undefined {
    const [prompt, candidates, thoughts] = this.#slots;
    noteUsage(this.#number(prompt!), this.#number(candidates!), this.#number(thoughts!), counters);
    addContent(characters, counters);
    return this.#seen(Math.max(0, this.reader.index));
  }

  /** Gateways that speak for several APIs send it, too. */
  protected override onDone(counters: StreamCounters): ClassifierResult | undefined {
    if (!this.#isFinished) return doneInPlaceOf('a finishReason');
    counters.trailing = (counters.trailing ?? 0) + 1;
    return undefined;
  }

  protected override onEnd(): ClassifierResult {
    if (this.#candidates.size === 0)
      return { outcome: 'truncated', detail: 'the body ended before any candidate' };
    return this.#isFinished
      ? { outcome: outcomeOf(this.#reasons()) }
      : { outcome: 'truncated', detail: 'the body ended before every candidate had a finishReason' };
  }

  protected override onJson(event: JsonEvent, counters: StreamCounters): ClassifierResult | undefined {
    const { value, bytes, start, end } = event;
    const candidates = Array.isArray(value.candidates) ? value.candidates.filter(isObject) : [];
    const error = reportedError(value, value.candidates === undefined);
    if (error !== undefined) return error;
    const { usageMetadata: usage } = value;
    if (isObject(usage))
      noteUsage(usage.promptTokenCount, usage.candidatesTokenCount, usage.thoughtsTokenCount, counters);
    const lengths = sourceLengths(bytes, start, end, ARGUMENTS);
    addContent(
      candidates.reduce((sum, candidate) => sum + contentLength(candidate, lengths), 0),
      counters,
    );
    let failure: ClassifierResult | undefined;
    if (candidates.some(isThought)) counters.reasoning = true;
    for (const candidate of candidates) failure = this.#candidate(candidate, counters) ?? failure;
    if (candidates.length === 0 && isObject(value.promptFeedback))
      this.#blocked(value.promptFeedback, counters);
    return failure;
  }

  #number(slot: number): number | undefined {
    const number = this.reader.number(slot);
    return number < 0 ? undefined : number;
  }

  get #isFinished(): boolean {
    return this.#candidates.size > 0 && this.#reasons().length === this.#candidates.size;
  }

  #reasons(): FinishReason[] {
    return [...this.#candidates.values()].filter((reason) => reason !== undefined);
  }

  #candidate(candidate: JsonObject, counters: StreamCounters): ClassifierResult | undefined {
    const index = typeof candidate.index === 'number' ? candidate.index : 0;
    const reason = finishReasonOf(candidate.finishReason);
    if (reason === undefined) return this.#seen(index);
    if (this.#candidates.get(index) === undefined) countFinish(reason, counters);
    this.#candidates.set(index, reason);
    return finishError(candidate.finishReason, 'finishReason') ?? this.#seen(index);
  }

  /** The prompt was refused: there is no candidate, and there will be none. */
  #blocked({ blockReason }: JsonObject, counters: StreamCounters): void {
    if (typeof blockReason !== 'string' || blockReason === '' || this.#candidates.size > 0) return;
    countFinish('filter', counters);
    this.#candidates.set(0, 'filter');
  }

  #seen(index: number): ClassifierResult | undefined {
    if (!this.#candidates.has(index)) this.#candidates.set(index, undefined);
    return this.#candidates.size > MAX_CANDIDATES
      ? { outcome: 'malformed', detail: `an answer of more than ${MAX_CANDIDATES} candidates` }
      : undefined;
  }
}

function isThought({ content }: JsonObject): boolean {
  const parts = isObject(content) && Array.isArray(content.parts) ? content.parts : [];
  return parts.some((part) => isObject(part) && part.thought === true);
}

/** Output is what was said and what was thought: both are paid for. */
function noteUsage(prompt: unknown, candidates: unknown, thoughts: unknown, counters: StreamCounters): void {
  const isThinking = typeof thoughts === 'number' && thoughts > 0;
  const output =
    isThinking && typeof (candidates ?? 0) === 'number' ? Number(candidates ?? 0) + thoughts : candidates;
  noteTokens(prompt, output, counters);
  if (isThinking) noteReasoning(thoughts, counters);
}

/** @param lengths of arguments of functions as sent, in their order; those that are used are taken out */
function contentLength({ content }: JsonObject, lengths: number[]): number {
  const parts = isObject(content) && Array.isArray(content.parts) ? content.parts : [];
  return parts.filter(isObject).reduce((sum: number, part) => sum + partLength(part, lengths), 0);
}

function partLength(
  { text, functionCall: call, executableCode: code }: JsonObject,
  lengths: number[],
): number {
  const called = isObject(call)
    ? toolCallLength({ name: call.name, arguments: call.args }, () => lengths.shift() ?? 0)
    : 0;
  return textLength(text) + called + (isObject(code) ? textLength(code.code) : 0);
}

const response = (text: string, rest: object = {}): string =>
  exampleEvent({ candidates: [{ content: { role: 'model', parts: [{ text }] }, ...rest }] });

export const GEMINI = {
  name: 'gemini',
  help: 'streamGenerateContent of the Gemini API with alt=sse: a finishReason, then the end of the body',
  ...EVENT_API,
  paid: true,
  path: [':streamGenerateContent'],
  tokenLimits: ['generationConfig.maxOutputTokens'],
  guess: ({ data }) => {
    if (data === undefined) return undefined;
    if (Array.isArray(data.candidates)) return 'its first event has candidates, as Gemini sends them';
    return isObject(data.promptFeedback) || isObject(data.usageMetadata)
      ? 'its first event has promptFeedback or usageMetadata, as Gemini sends them'
      : undefined;
  },
  classifier: ({ maxEventBytes }): ClassifierFactory => {
    const scanner = new JsonScanner(RESPONSES);
    const slots = ['prompt', 'candidates', 'thoughts'].map((name) => scanner.slotOf(name));
    return () => new GeminiClassifier(scanner, slots, maxEventBytes);
  },
  example: response('some') + response(' words') + response('', { finishReason: 'STOP' }),
} as const satisfies StreamFormat;
