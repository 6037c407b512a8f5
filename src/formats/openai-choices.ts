import type { FinishReason } from '../core/finish-reason.ts';
import type { ClassifierFactory, ClassifierOptions, ClassifierResult, StreamCounters } from './classifier.ts';
import { addContent } from './content.ts';
import { reportedError } from './errors.ts';
import { countFinish, finishError, finishReasonOf, outcomeOf } from './finish-reasons.ts';
import { JsonScanner, type Shape } from './json/scanner.ts';
import { isObject, type JsonObject } from './json/values.ts';
import { type JsonEvent, JsonEventClassifier } from './json-events.ts';
import { noteTokens, noteUsage } from './tokens.ts';

/** An answer of more choices than this is not remembered but refused. */
const MAX_CHOICES = 1024;

/** How an API of choices writes their content. */
export interface ChoiceContent {
  /** The shape of one choice, without `index` and `finish_reason`. */
  readonly shape: Readonly<Record<string, Shape>>;
  /** @returns code points that a choice adds to the answer */
  length(choice: JsonObject): number;
  /** Whether some of that is reasoning; absent: never. */
  reasons?(choice: JsonObject): boolean;
}

/** What the streams of a target have in common. */
interface Shared {
  readonly content: ChoiceContent;
  readonly scanner: JsonScanner;
  readonly promptSlot: number;
  readonly completionSlot: number;
  /** Whether a clean end after every finish reason is `complete` without `[DONE]`. */
  readonly endsByFinish: boolean;
  readonly maxEventBytes: number | undefined;
}

/**
 * Events of choices, as chat completions and the older completions have them: complete when a choice was seen,
 * every choice seen has its finish_reason, and then `[DONE]`.
 */
class ChoicesClassifier extends JsonEventClassifier {
  readonly #shared: Shared;
  /** Choices seen, with the finish reason of each. */
  readonly #choices = new Map<number, FinishReason | undefined>();

  constructor(shared: Shared) {
    super(shared.scanner, shared.maxEventBytes);
    this.#shared = shared;
  }

  protected override onDelta(characters: number, counters: StreamCounters): ClassifierResult | undefined {
    const { reader } = this;
    const input = reader.number(this.#shared.promptSlot);
    const output = reader.number(this.#shared.completionSlot);
    if (input >= 0 || output >= 0)
      noteTokens(input < 0 ? undefined : input, output < 0 ? undefined : output, counters);
    if (reader.reasoning) counters.reasoning = true;
    addContent(characters, counters);
    const index = Math.max(0, reader.index);
    return this.#choices.has(index) ? undefined : this.#seen(index);
  }

  protected override onDone(): ClassifierResult {
    return this.#finished('[DONE]');
  }

  protected override onEnd(): ClassifierResult {
    return this.#shared.endsByFinish
      ? this.#finished('the end of the body')
      : { outcome: 'truncated', detail: 'the body ended without [DONE]' };
  }

  protected override onJson({ value }: JsonEvent, counters: StreamCounters): ClassifierResult | undefined {
    const choices = Array.isArray(value.choices) ? value.choices : undefined;
    const error = reportedError(value, choices === undefined);
    if (error !== undefined) return error;
    noteUsage(value.usage, counters);
    let characters = 0;
    let failure: ClassifierResult | undefined;
    for (const choice of choices ?? []) {
      if (!isObject(choice)) continue;
      characters += this.#shared.content.length(choice);
      if (this.#shared.content.reasons?.(choice) === true) counters.reasoning = true;
      failure = this.#choice(choice, counters) ?? failure;
    }
    addContent(characters, counters);
    return failure;
  }

  #choice(choice: JsonObject, counters: StreamCounters): ClassifierResult | undefined {
    const index = typeof choice.index === 'number' ? choice.index : 0;
    const reason = finishReasonOf(choice.finish_reason);
    if (reason === undefined) return this.#choices.has(index) ? undefined : this.#seen(index);
    if (this.#choices.get(index) === undefined) countFinish(reason, counters);
    return this.#seen(index, reason) ?? finishError(choice.finish_reason, 'finish_reason');
  }

  #seen(index: number, reason?: FinishReason): ClassifierResult | undefined {
    this.#choices.set(index, reason);
    return this.#choices.size > MAX_CHOICES
      ? { outcome: 'malformed', detail: `an answer of more than ${MAX_CHOICES} choices` }
      : undefined;
  }

  /** @param at what has come, for the log */
  #finished(at: string): ClassifierResult {
    if (this.#choices.size === 0) return { outcome: 'truncated', detail: `${at} before any choice` };
    const reasons = [...this.#choices.values()].filter((reason) => reason !== undefined);
    return reasons.length < this.#choices.size
      ? { outcome: 'truncated', detail: `${at} before every choice had a finish_reason` }
      : { outcome: outcomeOf(reasons) };
  }
}

/** @returns the classifier of a format whose events are choices */
export function choicesClassifier(content: ChoiceContent): (options: ClassifierOptions) => ClassifierFactory {
  const shape: Shape = {
    object: {
      choices: {
        one: { object: { index: { integer: 'index' }, ...content.shape, finish_reason: 'null' } },
      },
      error: 'null',
      usage: {
        object: {
          prompt_tokens: { integer: 'prompt_tokens' },
          completion_tokens: { integer: 'completion_tokens' },
          completion_tokens_details: 'null',
          input_tokens: 'null',
          output_tokens: 'null',
        },
      },
    },
    required: ['choices'],
  };
  return ({ terminal, maxEventBytes }) => {
    const scanner = new JsonScanner(shape);
    const shared: Shared = {
      content,
      scanner,
      promptSlot: scanner.slotOf('prompt_tokens'),
      completionSlot: scanner.slotOf('completion_tokens'),
      endsByFinish: terminal?.kind === 'finish',
      maxEventBytes,
    };
    return () => new ChoicesClassifier(shared);
  };
}
