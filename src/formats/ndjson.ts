import type { ClassifierFactory, ClassifierOptions, ClassifierResult, StreamCounters } from './classifier.ts';
import { codePoints } from './code-points.ts';
import type { StreamFormat } from './format.ts';
import { skipSpace, skipValue } from './json/skip.ts';
import { parseJson } from './json/values.ts';
import { LineClassifier } from './line-classifier.ts';
import { type EventTest, eventTest, isPresent, isSet } from './matcher.ts';

/** What the streams of a target have in common. */
interface Rules {
  readonly isTerminal: EventTest | undefined;
  readonly isError: EventTest | undefined;
  readonly maxEventBytes: number | undefined;
}

/**
 * Lines of JSON: complete at the clean end of the body after a line, or at the line in which a configured path
 * holds. Every line but that one is content.
 */
class NdjsonClassifier extends LineClassifier {
  readonly #rules: Rules;

  constructor(rules: Rules) {
    super(rules.maxEventBytes);
    this.#rules = rules;
  }

  protected override onLine(
    bytes: Uint8Array,
    start: number,
    end: number,
    counters: StreamCounters,
  ): ClassifierResult | undefined {
    const wrong = notJson(bytes, start, end);
    if (wrong !== undefined) return { outcome: 'malformed', detail: `a line ${wrong}` };
    const { isError, isTerminal } = this.#rules;
    if (isError?.('', bytes, start, end))
      return { outcome: 'inband_error', detail: 'a line that matches error: of the target' };
    if (isTerminal?.('', bytes, start, end)) return { outcome: 'complete' };
    counters.contentChunks++;
    counters.characters += codePoints(bytes, start, end);
    return undefined;
  }

  protected override onDone(): undefined {
    return undefined;
  }

  protected override onEnd(counters: StreamCounters): ClassifierResult {
    if (this.#rules.isTerminal !== undefined)
      return { outcome: 'truncated', detail: 'the body ended without the terminal line' };
    return counters.contentChunks > 0
      ? { outcome: 'complete' }
      : { outcome: 'truncated', detail: 'the body ended without a line' };
  }
}

/** @returns why a line is not JSON; nothing is made of those that are */
function notJson(bytes: Uint8Array, start: number, end: number): string | undefined {
  const from = skipSpace(bytes, start, end);
  const after = skipValue(bytes, from, end);
  if (after >= 0 && skipSpace(bytes, after, end) === end) return undefined;
  const parsed = parseJson(bytes, start, end);
  return typeof parsed === 'string' ? parsed : undefined;
}

function rulesFor({ terminal, error, maxEventBytes }: ClassifierOptions): Rules {
  return {
    isTerminal: terminal?.kind === 'path' ? eventTest(terminal, isSet) : undefined,
    isError: error === undefined ? undefined : eventTest(error, isPresent),
    maxEventBytes,
  };
}

export const NDJSON = {
  name: 'ndjson',
  help: 'lines of JSON; one chunk is one line',
  framing: 'lines',
  accept: 'application/x-ndjson',
  contentTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/json-lines'],
  paid: false,
  terminals: { kinds: ['path'], usual: { kind: 'path', path: 'done' } },
  errors: ['data', 'path'],
  path: ['/ndjson'],
  tokenLimits: [],
  guess: null,
  classifier: (options): ClassifierFactory => {
    const rules = rulesFor(options);
    return () => new NdjsonClassifier(rules);
  },
  example: '{"text":"some"}\n{"text":"words"}\n{"done":true}\n',
} as const satisfies StreamFormat;
