import type { Terminal } from '../../core/scenario.ts';
import { codePoints } from '../code-points.ts';
import { valueAt } from '../json.ts';
import type { Finding, Judge, Tally } from '../judge.ts';
import { decode, SseParser } from '../sse-parser.ts';
import { SseOpening } from './sse-opening.ts';

const OVERFLOW: Finding = { outcome: 'malformed', detail: 'a line or an event is over 1 MiB' };
const FOREIGN: Finding = { outcome: 'malformed', detail: 'the body is no stream of events' };
const NO_TALLY: Tally = { chunks: 0, contentChunks: 0, keepalives: 0, characters: 0 };

/** What a judge of an SSE format does with an event; everything else is common to them. */
export interface SseRules {
  /** @returns a finding where the event decides the stream */
  event(name: string, bytes: Uint8Array, start: number, end: number, tally: Tally): Finding | undefined;
  /** The body ended cleanly and no event has decided it. */
  end(): Finding;
}

/** Events from bytes, counted, with data after the end made a violation. */
export class SseStreamJudge implements Judge {
  readonly #parser: SseParser;
  readonly #rules: SseRules;
  #tally: Tally = NO_TALLY;
  #finding: Finding | undefined;
  /** Until it is known to be a stream of events, or none. */
  #opening: SseOpening | undefined = new SseOpening();

  constructor(rules: SseRules) {
    this.#rules = rules;
    this.#parser = new SseParser(this);
  }

  read(
    bytes: Uint8Array,
    _newRead: boolean,
    tally: Tally,
    start = 0,
    end = bytes.length,
  ): Finding | undefined {
    this.#tally = tally;
    if (this.#opening !== undefined) this.#open(bytes, start, end);
    this.#parser.push(bytes, start, end);
    if (this.#parser.overflow) this.#finding ??= OVERFLOW;
    return this.#finding;
  }

  end(tally: Tally): Finding {
    this.#tally = tally;
    this.#parser.end();
    if (this.#opening?.end() === false) this.#finding ??= FOREIGN;
    return this.#finding ?? this.#rules.end();
  }

  /** Called by the parser. */
  event(name: string, bytes: Uint8Array, start: number, end: number): void {
    this.#tally.chunks++;
    if (this.#finding === undefined) this.#finding = this.#rules.event(name, bytes, start, end, this.#tally);
    else if (!this.#isFailure())
      this.#finding = { outcome: 'protocol_violation', detail: 'data after the terminal event' };
  }

  /** Called by the parser. */
  comment(): void {
    this.#tally.keepalives++;
  }

  #open(bytes: Uint8Array, start: number, end: number): void {
    const isStream = this.#opening!.read(bytes, start, end);
    if (isStream === undefined) return;
    this.#opening = undefined;
    // Before any line that could have told anything else.
    if (!isStream) this.#finding = FOREIGN;
  }

  #isFailure(): boolean {
    return (
      this.#finding !== undefined &&
      this.#finding.outcome !== 'complete' &&
      this.#finding.outcome !== 'limited'
    );
  }
}

/** Plain server-sent events, with whatever the configuration names as their end. */
export class SseJudge extends SseStreamJudge {
  constructor(terminal: Terminal | undefined) {
    super(sharedRules(terminal));
  }
}

const withoutTerminal = rulesFor(undefined);
const byTerminal = new WeakMap<Terminal, SseRules>();

/**
 * These rules remember nothing of a stream, so all streams of a target share them: thousands of copies, each cold
 * when its next chunk comes, cost more than what the rules do.
 */
function sharedRules(terminal: Terminal | undefined): SseRules {
  if (terminal === undefined) return withoutTerminal;
  const known = byTerminal.get(terminal);
  if (known !== undefined) return known;
  const made = rulesFor(terminal);
  byTerminal.set(terminal, made);
  return made;
}

function rulesFor(terminal: Terminal | undefined): SseRules {
  const isTerminal = terminalTest(terminal);
  return {
    event(name, bytes, start, end, tally) {
      if (isTerminal(name, bytes, start, end)) return { outcome: 'complete' };
      if (name === 'error') return { outcome: 'inband_error', detail: 'an event named error' };
      if (end > start) {
        tally.contentChunks++;
        tally.characters += codePoints(bytes, start, end);
      }
      return undefined;
    },
    end: () =>
      terminal === undefined
        ? { outcome: 'complete' }
        : { outcome: 'truncated', detail: 'the body ended without the terminal event' },
  };
}

type EventTest = (name: string, bytes: Uint8Array, start: number, end: number) => boolean;

function terminalTest(terminal: Terminal | undefined): EventTest {
  switch (terminal?.kind) {
    case undefined:
      return () => false;
    case 'event':
      return (name) => name === terminal.event;
    case 'data': {
      const literal = Buffer.from(terminal.data);
      return (_name, bytes, start, end) => equals(bytes, start, end, literal);
    }
    case 'path': {
      const keys = terminal.path.split('.');
      return (_name, bytes, start, end) => {
        const found = lookUp(decode(bytes, start, end), keys);
        if (terminal.equals !== undefined) return found === terminal.equals;
        return found !== undefined && found !== null && found !== false;
      };
    }
  }
}

/** @returns whether the bytes are those of the literal */
export function equals(bytes: Uint8Array, start: number, end: number, literal: Uint8Array): boolean {
  if (end - start !== literal.length) return false;
  for (let i = 0; i < literal.length; i++) if (bytes[start + i] !== literal[i]) return false;
  return true;
}

/** @returns the value at a path in JSON text; `undefined` where there is none, or no JSON */
function lookUp(text: string, keys: readonly string[]): unknown {
  try {
    return valueAt(JSON.parse(text), keys);
  } catch {
    return undefined;
  }
}
