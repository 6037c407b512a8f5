import { formatDuration } from '../core/duration.ts';
import { formatCount } from '../core/number.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Terminal } from '../core/scenario.ts';
import type { StreamCounters } from '../formats/classifier.ts';
import { formatNamed } from '../formats/list.ts';
import type { Guess } from './format-guess.ts';
import type { ProbeReport } from './report.ts';

/** What a report says, and what it was made from. */
export type NotedReport = Omit<ProbeReport, 'notes' | 'configuration'>;

export interface NoteFacts {
  readonly report: NotedReport;
  readonly guess: Guess | undefined;
  readonly hasBody: boolean;
  readonly location: string | undefined;
  /** The last event is named as ends are. */
  readonly endEvent: Terminal | undefined;
  readonly counters: StreamCounters;
  /** More reads than were remembered. */
  readonly overflow: boolean;
}

type Note = (facts: NoteFacts) => string | undefined;

/** Headers that come so much before the body make a TTFB that is taken from them worthless, ms. */
const EARLY_HEADERS_MS = 50;

const TIMEOUT_FLAGS: Readonly<Partial<Record<Outcome, string>>> = {
  ttfb_timeout: '--ttfb-timeout',
  stalled: '--idle-timeout',
  total_timeout: '--total-timeout',
};

/** Each says one thing worth knowing, or nothing. */
const NOTES: readonly Note[] = [
  ({ report }) => {
    const status = report.response?.status;
    if (status === 401 || status === 403)
      return `it wants to know who asks: add --header 'authorization: Bearer $\{env:API_KEY}', or what it takes instead`;
    if (status === 405)
      return 'it does not take this method: --method sets another, and with --body it is POST';
    return undefined;
  },
  ({ report, location }) =>
    location !== undefined && (report.response?.status ?? 0) >= 300
      ? `redirects are never followed; if you may load it, probe ${location} itself`
      : undefined,
  ({ report, hasBody }) =>
    report.response?.status === 404 && !hasBody
      ? 'is the path right? LLM APIs take a POST: --body makes it one'
      : undefined,
  ({ guess, report }) =>
    guess?.document === true && guess.format === 'raw' && report.result === 'success'
      ? 'this is an answer in one piece, no stream: LLM APIs stream when the body has "stream": true'
      : undefined,
  ({ guess }) =>
    guess !== undefined && guess.format === undefined
      ? 'this is a page for people: is the path that of the API?'
      : undefined,
  ({ report }) => {
    const { format, looksLike, formatGiven, outcome } = report;
    if (!formatGiven || looksLike === null || looksLike.format === null || looksLike.format === format)
      return undefined;
    if (outcome !== 'wrong_content_type' && outcome !== 'malformed') return undefined;
    return `it was judged as ${format}, but it looks like ${looksLike.format}; the target below has that`;
  },
  ({ report }) =>
    report.response?.contentLength != null && report.chunks > 0
      ? 'it has a content-length: the answer was complete before its first byte was sent'
      : undefined,
  ({ report }) =>
    report.chunks > 3 && report.reads === 1
      ? 'all of it came in one read: something on the way, or the server, holds the stream back until its end'
      : report.chunks > 3 && report.reads * 2 <= report.chunks
        ? `${formatCount(report.chunks)} chunks came in ${formatCount(report.reads)} reads: something batches them`
        : undefined,
  ({ report }) => {
    const { headersMs, ttfbMs } = report.timings;
    if (headersMs === null || ttfbMs === null || report.chunks === 0) return undefined;
    return ttfbMs - headersMs > EARLY_HEADERS_MS && ttfbMs > 3 * headersMs
      ? `headers came ${formatDuration(ttfbMs - headersMs)} before the first byte: tools that call headers TTFB flatter it`
      : undefined;
  },
  ({ report, endEvent }) => {
    if (report.format !== 'sse' || report.terminal !== null) return undefined;
    if (report.outcome === 'complete' && endEvent === undefined)
      return 'nothing in it says that it was complete, so an answer that is cut short looks the same; if it has a last event, say which: --terminal, --terminal-event or --terminal-path';
    if (report.outcome === 'stalled' && endEvent?.kind === 'event')
      return `its last event was ${endEvent.event}: if that is its end, give --terminal-event ${endEvent.event}`;
    return undefined;
  },
  ({ report }) =>
    report.format === 'raw' && report.outcome === 'complete' && report.terminal === null && report.chunks > 1
      ? 'a raw stream that is cut short in good order looks the same as a whole one; if it has an end marker, give --terminal'
      : undefined,
  ({ report }) => {
    const flag = TIMEOUT_FLAGS[report.outcome];
    return flag === undefined ? undefined : `if that is how slow it may be, give it a longer ${flag}`;
  },
  ({ report }) =>
    report.detail?.startsWith('ECONNREFUSED') === true
      ? 'nothing listens there: is the server up, and on this port?'
      : undefined,
  ({ guess }) =>
    guess?.jsonRpc === true
      ? 'these are JSON-RPC 2.0 messages, as MCP servers send them, and no LLM format: --terminal-path result ends a stream with its response, --error-path error finds failures'
      : undefined,
  ({ counters }) =>
    (counters.trailing ?? 0) > 0
      ? `after its terminal event came ${formatCount(counters.trailing ?? 0)} more without content: tolerated, and counted as trailing events`
      : undefined,
  ({ counters }) =>
    (counters.finishReasons?.other ?? 0) > 0
      ? 'its finish reason is none that the APIs document: it counts as a success, under other'
      : undefined,
  ({ counters }) =>
    (counters.ignoredTokens ?? 0) > 0
      ? 'it reports a number of tokens that cannot be true: that report is ignored'
      : undefined,
  ({ report, counters }) => {
    if (report.format === null || report.result !== 'success' || counters.outputTokens !== undefined)
      return undefined;
    const advice = formatNamed(report.format).usageAdvice;
    return advice === undefined
      ? undefined
      : `it reports no usage, so tokens are estimated and a budget of cost cannot count: set ${advice}`;
  },
  ({ overflow }) => (overflow ? 'gaps are those of the first 100,000 reads' : undefined),
];

export function notesOn(facts: NoteFacts): string[] {
  return NOTES.map((note) => note(facts)).filter((text) => text !== undefined);
}
