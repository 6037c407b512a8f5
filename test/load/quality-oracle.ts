/**
 * Streams whose events, and the moments at which each arrives, are drawn first; what TPOT, goodput and buffering must
 * come to follows from those alone. Nothing of `src/formats`, `src/stream` and `src/load` is used.
 */

import { type Random, seededRandom } from '../../src/core/random.ts';
import type { Objective } from '../../src/core/target.ts';
import type { SeenQuality as ExpectedQuality } from './quality-bench.ts';

/** What a target reports of its tokens. */
interface Usage {
  readonly input: number;
  readonly output: number;
  /** Of the output; absent: not reported. */
  readonly reasoning?: number;
}

interface Wording {
  readonly contentType: string;
  readonly open: string;
  readonly content: (text: string) => string;
  /** Absent: the format has none. */
  readonly thought?: (text: string) => string;
  /** The end of a good answer, with the usage where there is one. */
  readonly close: (usage: Usage | undefined) => readonly string[];
  /** A failure, as an event. */
  readonly failure: string;
  /** Whether usage is reported at all, and reasoning within it. */
  readonly reports: 'nothing' | 'tokens' | 'reasoning';
  /** Usage that may come after the end. */
  readonly late?: (usage: Usage) => string;
  /** The end of the body, and no event, ends the stream. */
  readonly endsByBody?: true;
  /** An answer without content is none. */
  readonly needsContent?: true;
}

const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
const line = (value: object): string => `${JSON.stringify(value)}\n`;
const EVENTS = 'text/event-stream';

const chatUsage = ({ input, output, reasoning }: Usage): string =>
  data({
    choices: [],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      ...(reasoning === undefined ? {} : { completion_tokens_details: { reasoning_tokens: reasoning } }),
    },
  });
const chatDelta = (delta: object, finish_reason: string | null = null): string =>
  data({ choices: [{ index: 0, delta, finish_reason }] });
const FLAT_FAILURE = data({ error: { message: 'overloaded' } });

export const WORDINGS: Readonly<Record<string, Wording>> = {
  'openai-chat': {
    contentType: EVENTS,
    open: chatDelta({ role: 'assistant', content: '' }),
    content: (content) => chatDelta({ content }),
    thought: (text) => chatDelta({ reasoning_content: text }),
    close: (usage) => [
      chatDelta({}, 'stop'),
      ...(usage === undefined ? [] : [chatUsage(usage)]),
      'data: [DONE]\n\n',
    ],
    failure: FLAT_FAILURE,
    reports: 'reasoning',
    late: chatUsage,
  },
  'openai-responses': {
    contentType: EVENTS,
    open: data({ type: 'response.created', response: {} }),
    content: (delta) => data({ type: 'response.output_text.delta', item_id: 'i', delta }),
    // The second field is one that the usual event does not have.
    thought: (delta) =>
      data({ type: 'response.reasoning_text.delta', ...(delta.length > 3 ? { error: {} } : {}), delta }),
    close: (usage) => [
      data({
        type: 'response.completed',
        response:
          usage === undefined
            ? {}
            : {
                usage: {
                  input_tokens: usage.input,
                  output_tokens: usage.output,
                  ...(usage.reasoning === undefined
                    ? {}
                    : { output_tokens_details: { reasoning_tokens: usage.reasoning } }),
                },
              },
      }),
    ],
    failure: data({ type: 'response.failed', response: { error: { code: 'server_error' } } }),
    reports: 'reasoning',
  },
  anthropic: {
    contentType: EVENTS,
    open:
      data({ type: 'message_start', message: { usage: { input_tokens: 1, output_tokens: 1 } } }) +
      data({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    content: (text) => data({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    thought: (thinking) =>
      data({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking } }),
    close: (usage) => [
      data({ type: 'content_block_stop', index: 0 }),
      data({
        type: 'message_delta',
        delta: { stop_reason: 'end_turn' },
        // The number of the start is what is reported where no other comes.
        usage: { output_tokens: usage?.output ?? 1 },
      }),
      data({ type: 'message_stop' }),
    ],
    failure: data({ type: 'error', error: { type: 'overloaded_error' } }),
    reports: 'tokens',
  },
  gemini: {
    contentType: EVENTS,
    open: data({ candidates: [{ content: { parts: [{ text: '' }] } }] }),
    content: (text) => data({ candidates: [{ content: { parts: [{ text }], role: 'model' }, index: 0 }] }),
    thought: (text) => data({ candidates: [{ content: { parts: [{ text, thought: true }] }, index: 0 }] }),
    close: (usage) => [
      data({
        candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }],
        ...(usage === undefined
          ? {}
          : {
              usageMetadata: {
                promptTokenCount: usage.input,
                candidatesTokenCount: usage.output - (usage.reasoning ?? 0),
                ...(usage.reasoning === undefined ? {} : { thoughtsTokenCount: usage.reasoning }),
              },
            }),
      }),
    ],
    failure: FLAT_FAILURE,
    reports: 'reasoning',
    endsByBody: true,
  },
  cohere: {
    contentType: EVENTS,
    open: data({ type: 'message-start', delta: { message: { role: 'assistant' } } }),
    content: (text) => data({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } }),
    close: (usage) => [
      data({
        type: 'message-end',
        delta: {
          finish_reason: 'COMPLETE',
          ...(usage === undefined
            ? {}
            : { usage: { tokens: { input_tokens: usage.input, output_tokens: usage.output } } }),
        },
      }),
    ],
    failure: data({ type: 'message-end', delta: { finish_reason: 'ERROR' } }),
    reports: 'tokens',
  },
  ollama: {
    contentType: 'application/x-ndjson',
    open: line({ message: { role: 'assistant', content: '' }, done: false }),
    content: (content) => line({ message: { role: 'assistant', content }, done: false }),
    thought: (thinking) => line({ message: { role: 'assistant', content: '', thinking }, done: false }),
    close: (usage) => [
      line({
        done: true,
        done_reason: 'stop',
        ...(usage === undefined ? {} : { prompt_eval_count: usage.input, eval_count: usage.output }),
      }),
    ],
    failure: line({ error: 'out of memory' }),
    reports: 'tokens',
  },
  sse: {
    contentType: EVENTS,
    open: ': welcome\n\n',
    content: (text) => `data: ${text}\n\n`,
    close: () => ['data: [DONE]\n\n'],
    failure: 'event: error\ndata: overloaded\n\n',
    reports: 'nothing',
    needsContent: true,
  },
};

/** What goes wrong with a stream. */
const FAULTS = ['http503', 'truncate', 'failure', 'reset', 'afterEnd'] as const;
type Fault = (typeof FAULTS)[number];

/** Bytes that are one read, and when they come: ms from the written request. */
interface Read {
  readonly atMs: number;
  readonly bytes: Buffer;
}

export interface MadeStream {
  readonly contentType: string;
  readonly status: number;
  /** From the start to the usable connection, ms. */
  readonly connectMs: number;
  readonly reads: readonly Read[];
  /** When the body ends, or breaks. */
  readonly endMs: number;
  readonly breaks: boolean;
  readonly expected: ExpectedQuality;
}

interface DrawnEvent {
  readonly text: string;
  readonly content: boolean;
  readonly thought: boolean;
  readonly terminal: boolean;
}

const WORDS = ['so', ' the', ' naïve', '日本', '😀', ' € 5'];

/** @param objective of the target that the stream is of */
export function makeTimedStream(format: string, objective: Objective | undefined, seed: number): MadeStream {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const wording = WORDINGS[format]!;
  const fault: Fault | undefined = random() < 0.25 ? FAULTS[below(FAULTS.length)] : undefined;
  const usage = drawUsage(wording, random);
  const isLate = wording.late !== undefined && usage !== undefined && random() < 0.2;

  const events = drawEvents(wording, isLate ? undefined : usage, random, fault);
  if (isLate && fault === undefined) events.push(plain(wording.late!(usage)));
  const reads = cut(events, random);
  const arrivals = reads.at;
  const lastMs = reads.list.at(-1)!.atMs;
  const success = fault === undefined;
  const connectMs = below(50);
  const endMs = lastMs + below(3) * 10;
  const decidedMs = wording.endsByBody === true ? endMs : arrivals[events.findIndex((e) => e.terminal)]!;

  const contents = events.flatMap((e, n) => (e.content ? [arrivals[n]!] : []));
  const thought = events.some((e) => e.thought);
  const reported = format === 'anthropic' ? (usage ?? { input: 1, output: 1 }) : usage;
  const pace = success ? paceOf(contents, reported, thought) : undefined;
  const bufferable = success && contents.length >= 10;
  return {
    contentType: wording.contentType,
    status: fault === 'http503' ? 503 : 200,
    connectMs,
    reads: reads.list,
    endMs,
    breaks: fault === 'reset',
    expected: {
      success,
      tpot: pace,
      bufferable,
      buffered: bufferable && isHeldBack(contents),
      within:
        success && objective !== undefined && keeps(objective, contents, pace?.ms, connectMs + decidedMs),
    },
  };
}

function plain(text: string): DrawnEvent {
  return { text, content: false, thought: false, terminal: false };
}

function drawUsage({ reports }: Wording, random: Random): Usage | undefined {
  if (reports === 'nothing' || random() < 0.3) return undefined;
  const output = Math.floor(random() * 60);
  const usage = { input: Math.floor(random() * 100), output };
  if (reports === 'tokens' || output === 0 || random() < 0.4) return usage;
  return { ...usage, reasoning: 1 + Math.floor(random() * output) };
}

function drawEvents(
  wording: Wording,
  usage: Usage | undefined,
  random: Random,
  fault: Fault | undefined,
): DrawnEvent[] {
  const below = (n: number): number => Math.floor(random() * n);
  const content = (): DrawnEvent => ({
    ...plain(wording.content(WORDS[below(WORDS.length)]!.trim())),
    content: true,
  });
  const events = [plain(wording.open)];
  if (wording.thought !== undefined && random() < 0.3)
    for (let n = 1 + below(5); n > 0; n--)
      events.push({ ...plain(wording.thought(WORDS[below(WORDS.length)]!)), content: true, thought: true });
  // One stream in ten has next to nothing to say; of plain events, [DONE] alone is no answer.
  const least = wording.needsContent === true ? 1 : 0;
  for (let n = least + (random() < 0.1 ? below(3) : below(40)); n > 0; n--) events.push(content());
  // Without its end a good answer is none; an event of failure is the end of its stream.
  if (fault === 'truncate' || fault === 'reset') return events;
  if (fault === 'failure') return [...events, plain(wording.failure)];
  const close = wording.close(usage);
  events.push(...close.map((text, n) => ({ ...plain(text), terminal: n === close.length - 1 })));
  if (fault === 'afterEnd') events.push(wording.endsByBody === true ? plain(wording.failure) : content());
  return events;
}

/** Cuts the text of all events into reads: many events in one, or several reads for one event. */
function cut(
  events: readonly DrawnEvent[],
  random: Random,
): { readonly list: Read[]; readonly at: readonly number[] } {
  const bytes = Buffer.from(events.map((e) => e.text).join(''));
  const longest = [40, 200, 1000, 20_000][Math.floor(random() * 4)]!;
  // From a stream that is held back for long to one that has gaps of a second.
  const firstMs = Math.floor(random() ** 2 * 3000);
  const longestGapMs = [1, 8, 100, 1500][Math.floor(random() * 4)]!;
  const list: Read[] = [];
  const ends: number[] = [];
  let atMs = firstMs;
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + 1 + Math.floor(random() * longest));
    list.push({ atMs, bytes: bytes.subarray(from, to) });
    ends.push(to);
    // Reads are never at the same moment: a socket has one at a time. Quarters of ms are exact in binary.
    atMs += 0.25 + Math.floor(random() * longestGapMs * 4) / 4;
    from = to;
  }
  let end = 0;
  const at = events.map((e) => {
    end += Buffer.byteLength(e.text);
    return list[ends.findIndex((n) => n >= end)]!.atMs;
  });
  return { list, at };
}

function paceOf(
  contents: readonly number[],
  usage: Usage | undefined,
  thought: boolean,
): ExpectedQuality['tpot'] {
  if (contents.length < 2) return undefined;
  const tokens =
    usage === undefined ? contents.length : usage.output - (thought ? 0 : (usage.reasoning ?? 0));
  return tokens < 2
    ? undefined
    : { ms: (contents.at(-1)! - contents[0]!) / (tokens - 1), byChunks: usage === undefined };
}

/** Five chunks a read or more, and all of them in the last twentieth of at least 250 ms. */
function isHeldBack(contents: readonly number[]): boolean {
  const reads = new Set(contents).size;
  const lastMs = contents.at(-1)!;
  return contents.length / reads >= 5 && lastMs >= 250 && 20 * (lastMs - contents[0]!) <= lastMs;
}

function keeps(
  { ttftMs, maxGapMs, tpotMs, durationMs }: Objective,
  contents: readonly number[],
  pace: number | undefined,
  lastedMs: number,
): boolean {
  const gaps = contents.slice(1).map((ms, n) => ms - contents[n]!);
  return (
    (ttftMs === undefined || (contents.length > 0 && contents[0]! <= ttftMs)) &&
    (maxGapMs === undefined || gaps.every((ms) => ms <= maxGapMs)) &&
    (tpotMs === undefined || pace === undefined || pace <= tpotMs) &&
    (durationMs === undefined || lastedMs <= durationMs)
  );
}
