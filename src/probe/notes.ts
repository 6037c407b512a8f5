import { formatDuration } from '../core/duration.ts';
import { formatCount } from '../core/number.ts';
import type { Outcome } from '../core/outcome.ts';
import type { Terminal } from '../core/target.ts';
import type { StreamCounters } from '../formats/classifier.ts';
import { formatNamed } from '../formats/list.ts';
import type { Guess } from './format-guess.ts';
import type { ProbeReport } from './report.ts';

/** A report without its notes and configuration. */
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

/** Headers that arrive this long before the body make a TTFB measured at the headers worthless, ms. */
const EARLY_HEADERS_MS = 50;

const TIMEOUT_FLAGS: Readonly<Partial<Record<Outcome, string>>> = {
  ttfb_timeout: '--ttfb-timeout',
  stalled: '--idle-timeout',
  total_timeout: '--total-timeout',
};

/** Each returns one note, or `undefined`. */
const NOTES: readonly Note[] = [
  ({ report }) => {
    const status = report.response?.status;
    if (status === 401 || status === 403)
      return `the target requires authentication: add --header 'authorization: Bearer $\{env:API_KEY}', or the header that it expects`;
    if (status === 405)
      return 'the target rejects this method: set another with --method; with --body it is POST';
    return undefined;
  },
  ({ report, location }) =>
    location !== undefined && (report.response?.status ?? 0) >= 300
      ? `soakd never follows redirects; if you may send requests to ${location}, probe it directly`
      : undefined,
  ({ report, hasBody }) =>
    report.response?.status === 404 && !hasBody
      ? 'check the path; LLM APIs expect POST, which --body sends'
      : undefined,
  ({ guess, report }) =>
    guess?.document === true && guess.format === 'raw' && report.result === 'success'
      ? 'this is an answer in one piece, not a stream: LLM APIs stream when the body has "stream": true'
      : undefined,
  ({ guess }) =>
    guess !== undefined && guess.format === undefined
      ? 'this is a web page: check that the path is that of the API'
      : undefined,
  ({ report }) => {
    const { format, looksLike, formatGiven, outcome } = report;
    if (!formatGiven || looksLike === null || looksLike.format === null || looksLike.format === format)
      return undefined;
    if (outcome !== 'wrong_content_type' && outcome !== 'malformed') return undefined;
    return `it was read as ${format}, but it looks like ${looksLike.format}, which the target below uses`;
  },
  ({ report }) =>
    report.response?.contentLength != null && report.chunks > 0
      ? 'the response has a content-length: the answer was complete before its first byte was sent'
      : undefined,
  ({ report }) =>
    report.chunks > 3 && report.reads === 1
      ? 'all chunks arrived in one read: the server, or a proxy on the way, holds the stream back until its end'
      : report.chunks > 3 && report.reads * 2 <= report.chunks
        ? `${formatCount(report.chunks)} chunks arrived in ${formatCount(report.reads)} reads: the server or a proxy batches them`
        : undefined,
  ({ report }) => {
    const { headersMs, ttfbMs } = report.timings;
    if (headersMs === null || ttfbMs === null || report.chunks === 0) return undefined;
    return ttfbMs - headersMs > EARLY_HEADERS_MS && ttfbMs > 3 * headersMs
      ? `headers arrived ${formatDuration(ttfbMs - headersMs)} before the first byte: tools that report the time to headers as TTFB show a value that is too low`
      : undefined;
  },
  ({ report, endEvent }) => {
    if (report.format !== 'sse' || report.terminal !== null) return undefined;
    if (report.outcome === 'complete' && endEvent === undefined)
      return 'nothing marks the end of this answer, so one that is cut short looks the same; if it has a last event, name it with --terminal, --terminal-event or --terminal-path';
    if (report.outcome === 'stalled' && endEvent?.kind === 'event')
      return `its last event was ${endEvent.event}: if that is the end, set --terminal-event ${endEvent.event}`;
    return undefined;
  },
  ({ report }) =>
    report.format === 'raw' && report.outcome === 'complete' && report.terminal === null && report.chunks > 1
      ? 'a raw stream that is cut short looks the same as a complete one; if it has an end marker, set --terminal'
      : undefined,
  ({ report }) => {
    const flag = TIMEOUT_FLAGS[report.outcome];
    return flag === undefined ? undefined : `if the target may be this slow, set a longer ${flag}`;
  },
  ({ report }) =>
    report.detail?.startsWith('ECONNREFUSED') === true
      ? 'nothing listens there: check that the server runs, and on this port'
      : undefined,
  ({ guess }) =>
    guess?.jsonRpc === true
      ? 'these are JSON-RPC 2.0 messages, as MCP servers send them, not an LLM format: --terminal-path result ends a stream with its response, --error-path error detects failures'
      : undefined,
  ({ counters }) =>
    (counters.trailing ?? 0) > 0
      ? `trailing events after the terminal event: ${formatCount(counters.trailing ?? 0)}; they have no content and are tolerated`
      : undefined,
  ({ counters }) =>
    (counters.finishReasons?.other ?? 0) > 0
      ? 'the APIs do not document its finish reason: the stream counts as a success, with the finish reason "other"'
      : undefined,
  ({ counters }) =>
    (counters.ignoredTokens ?? 0) > 0
      ? 'the target reports an impossible number of tokens: soakd ignores that report'
      : undefined,
  ({ report, counters }) => {
    if (report.format === null || report.result !== 'success' || counters.outputTokens !== undefined)
      return undefined;
    const advice = formatNamed(report.format).usageAdvice;
    return advice === undefined
      ? undefined
      : `the target reports no usage, so soakd estimates tokens and cannot enforce a cost budget: set ${advice}`;
  },
  ({ overflow }) => (overflow ? 'the gaps cover only the first 100,000 reads' : undefined),
];

export function notesOn(facts: NoteFacts): string[] {
  return NOTES.map((note) => note(facts)).filter((text) => text !== undefined);
}
