import type { ClassifierFactory, ClassifierResult, StreamCounters } from './classifier.ts';
import { addContent, reasoningLength, textLength, toolCallLength } from './content.ts';
import { reportedError } from './errors.ts';
import { doneInPlaceOf } from './event-classifier.ts';
import { countFinish, finishError, finishReasonOf, outcomeOf } from './finish-reasons.ts';
import type { StreamFormat } from './format.ts';
import { DeltaReader } from './json/delta-reader.ts';
import { JsonScanner, type Shape } from './json/scanner.ts';
import { EACH, sourceLengths } from './json/source.ts';
import { isObject, type JsonObject, parseObject } from './json/values.ts';
import { LineClassifier } from './line-classifier.ts';
import { noteTokens } from './tokens.ts';

/** A line that is not the last one. */
const LINES: Shape = {
  object: {
    message: { object: { content: 'text', thinking: 'text', tool_calls: 'null' } },
    response: 'text',
    thinking: 'text',
    done: 'false',
    error: 'null',
  },
  required: ['done'],
};
/** Arguments of tools are JSON here, and not text. */
const ARGUMENTS = ['message', 'tool_calls', EACH, 'function', 'arguments'];

/** Lines as Ollama sends them: complete at `done: true`. */
class OllamaClassifier extends LineClassifier {
  readonly #reader: DeltaReader;

  constructor(scanner: JsonScanner, maxEventBytes: number | undefined) {
    super(maxEventBytes);
    this.#reader = new DeltaReader(scanner);
  }

  protected override onLine(
    bytes: Uint8Array,
    start: number,
    end: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined {
    const characters = this.#reader.read(bytes, start, end);
    if (characters < 0) return otherLine(bytes, start, end, counters);
    addContent(characters, counters);
    return undefined;
  }

  protected override onDone(): ClassifierResult {
    return doneInPlaceOf('done: true');
  }

  protected override onEnd(): ClassifierResult {
    return { outcome: 'truncated', detail: 'the body ended without done: true' };
  }
}

function otherLine(
  bytes: Uint8Array,
  start: number,
  end: number,
  counters: StreamCounters,
): ClassifierResult | undefined {
  const line = parseObject(bytes, start, end);
  if (typeof line === 'string') return { outcome: 'malformed', detail: `a line ${line}` };
  const characters = lengthOf(line, () => sourceLengths(bytes, start, end, ARGUMENTS));
  const flat = line.message === undefined || typeof line.message === 'string';
  const error = reportedError(line, flat && line.response === undefined && line.done === undefined);
  // An answer may quote an error beside its text.
  if (error !== undefined && characters === 0) return error;
  addContent(characters, counters);
  if (line.done !== true) return undefined;
  noteTokens(line.prompt_eval_count, line.eval_count, counters);
  const reason = finishReasonOf(line.done_reason);
  if (reason !== undefined) countFinish(reason, counters);
  const failure = finishError(line.done_reason, 'done_reason');
  return failure ?? { outcome: reason === undefined ? 'complete' : outcomeOf([reason]) };
}

/** Code points of what a line adds: `message` of a chat, `response` of a completion. */
function lengthOf(line: JsonObject, argumentsOf: () => number[]): number {
  const { message } = line;
  if (!isObject(message)) return textLength(line.response) + textLength(line.thinking);
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  const lengths = calls.length === 0 ? [] : argumentsOf();
  return calls.reduce(
    (sum: number, call) =>
      sum + toolCallLength(isObject(call) ? call.function : undefined, () => lengths.shift() ?? 0),
    textLength(message.content) + (textLength(message.thinking) || reasoningLength(message)),
  );
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;

export const OLLAMA = {
  name: 'ollama',
  help: 'lines of JSON as Ollama sends them; the last has done: true',
  framing: 'lines',
  accept: 'application/x-ndjson',
  contentTypes: ['application/x-ndjson', 'application/ndjson'],
  paid: false,
  terminals: { kinds: [] },
  errors: [],
  path: ['/api/chat', '/api/generate'],
  tokenLimits: ['options.num_predict'],
  guess: ({ name, data }) =>
    name === '' &&
    typeof data?.done === 'boolean' &&
    (isObject(data.message) || typeof data.response === 'string')
      ? 'its lines have done beside message or response'
      : undefined,
  classifier: ({ maxEventBytes }): ClassifierFactory => {
    const scanner = new JsonScanner(LINES);
    return () => new OllamaClassifier(scanner, maxEventBytes);
  },
  example: [
    line({ message: { role: 'assistant', content: 'some' }, done: false }),
    line({ message: { role: 'assistant', content: ' words' }, done: false }),
    line({ message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' }),
  ].join(''),
} as const satisfies StreamFormat;
