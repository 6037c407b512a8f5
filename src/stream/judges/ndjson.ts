import type { Terminal } from '../../core/scenario.ts';
import { codePoints, codePointsOf } from '../code-points.ts';
import { errorName, isObject, type JsonObject, noteUsage, parseObject, valueAt } from '../json.ts';
import type { Finding, Judge, Tally } from '../judge.ts';
import { LineParser } from '../line-parser.ts';
import { add } from './add.ts';
import { type ScanDelta, scanOllamaLine } from './delta-scan.ts';

const NO_TALLY: Tally = { chunks: 0, contentChunks: 0, keepalives: 0, characters: 0 };
const OVERFLOW: Finding = { outcome: 'malformed', detail: 'a line is over 1 MiB' };

/** What a judge of a format of lines does with one. */
interface LineRules {
  /** @returns a finding where the line decides the stream */
  line(bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined;
  end(): Finding;
}

/** Lines from bytes, counted, with data after the end made a violation. */
class LineJudge implements Judge {
  readonly #parser: LineParser;
  readonly #rules: LineRules;
  #tally: Tally = NO_TALLY;
  #finding: Finding | undefined;

  constructor(rules: LineRules) {
    this.#rules = rules;
    this.#parser = new LineParser(this);
  }

  read(
    bytes: Uint8Array,
    _newRead: boolean,
    tally: Tally,
    start = 0,
    end = bytes.length,
  ): Finding | undefined {
    this.#tally = tally;
    this.#parser.push(bytes, start, end);
    if (this.#parser.overflow) this.#finding ??= OVERFLOW;
    return this.#finding;
  }

  end(tally: Tally): Finding {
    this.#tally = tally;
    this.#parser.end();
    return this.#finding ?? this.#rules.end();
  }

  /** Called by the parser. */
  line(bytes: Uint8Array, start: number, end: number): void {
    this.#tally.chunks++;
    if (this.#finding === undefined) this.#finding = this.#rules.line(bytes, start, end, this.#tally);
    else if (this.#finding.outcome === 'complete' || this.#finding.outcome === 'limited') {
      this.#finding = { outcome: 'protocol_violation', detail: 'data after the terminal line' };
    }
  }
}

/** Lines of JSON: complete at the clean end of the body, or at the line in which a configured path holds. */
export class NdjsonJudge extends LineJudge {
  constructor(terminal: Terminal | undefined) {
    super(ndjsonRules(terminal));
  }
}

function ndjsonRules(terminal: Terminal | undefined): LineRules {
  const keys = terminal?.kind === 'path' ? terminal.path.split('.') : undefined;
  const equals = terminal?.kind === 'path' ? terminal.equals : undefined;
  return {
    line(bytes, start, end, tally) {
      tally.contentChunks++;
      tally.characters += codePoints(bytes, start, end);
      if (keys === undefined) return undefined;
      const object = parseObject(bytes, start, end);
      if (object === undefined) return { outcome: 'malformed', detail: 'a line is not a JSON object' };
      const found = valueAt(object, keys);
      const holds =
        equals === undefined ? found !== undefined && found !== null && found !== false : found === equals;
      return holds ? { outcome: 'complete' } : undefined;
    },
    end: () =>
      keys === undefined
        ? { outcome: 'complete' }
        : { outcome: 'truncated', detail: 'the body ended without the terminal line' },
  };
}

/** Lines as Ollama sends them: complete at `done: true`. */
export class OllamaJudge extends LineJudge {
  /** @param scan the fast road for lines before the last; tests compare it with the plain one */
  constructor(scan: ScanDelta = scanOllamaLine) {
    super(ollamaRules(scan));
  }
}

function ollamaRules(scan: ScanDelta): LineRules {
  return {
    line(bytes, start, end, tally) {
      const characters = scan(bytes, start, end);
      if (characters < 0) return ollamaLine(bytes, start, end, tally);
      add(characters, tally);
      return undefined;
    },
    end: () => ({ outcome: 'truncated', detail: 'the body ended without done: true' }),
  };
}

function ollamaLine(bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined {
  const line = parseObject(bytes, start, end);
  if (line === undefined) return { outcome: 'malformed', detail: 'a line is not a JSON object' };
  if (line.error !== undefined && line.error !== null) {
    return { outcome: 'inband_error', detail: `error ${errorName(line.error)}` };
  }
  add(textOf(line), tally);
  if (line.done !== true) return undefined;
  noteUsage({ input_tokens: line.prompt_eval_count, output_tokens: line.eval_count }, tally);
  return { outcome: line.done_reason === 'length' ? 'limited' : 'complete' };
}

/** Code points of what a line adds: `message.content` of a chat, `response` of a completion. */
function textOf(line: JsonObject): number {
  const { message } = line;
  const parts = isObject(message) ? [message.content, message.thinking] : [line.response, line.thinking];
  return parts.reduce((sum: number, text) => sum + (typeof text === 'string' ? codePointsOf(text) : 0), 0);
}
