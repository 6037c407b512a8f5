import { randomBytes } from 'node:crypto';
import { OUTCOME_HELP } from '../catalog/outcomes.ts';
import type { Phase } from '../catalog/slots.ts';
import { buildAllowlist } from '../core/allow.ts';
import { SoakError } from '../core/errors.ts';
import { type Outcome, resultOf } from '../core/outcome.ts';
import { shownLocation, shownUrl } from '../core/shown-url.ts';
import type { Target, Terminal } from '../core/target.ts';
import { bodyFor, headersFor } from '../stream/request.ts';
import { HttpStream, type StreamObserver } from '../stream/stream.ts';
import { type ReadyTarget, readyTarget, type TargetDeps } from '../target/ready-target.ts';
import { Connector, dialOptions } from '../transport/connector.ts';
import { type DialTimes, NETWORK, type Network } from '../transport/dial.ts';
import { lookUp } from '../transport/names.ts';
import type { ShownChunk } from './chunk-log.ts';
import { configurationFor } from './configuration.ts';
import { type Guess, guessFormat, mediaType } from './format-guess.ts';
import { gapsOf, statsOf } from './gaps.ts';
import { type NotedReport, notesOn } from './notes.ts';
import { ProbeClassifier } from './probe-classifier.ts';
import { RecordingConnection } from './recording.ts';
import type { Gap, ProbeReport, ReportedChunk } from './report.ts';
import { secretValues } from './secret-headers.ts';
import { visible } from './visible.ts';

export interface ProbeOptions extends Omit<Deps, 'lookup'> {
  /** Absent: the network's own. */
  readonly lookup?: Deps['lookup'];
  readonly target: Target;
  /** Whether to detect the format; the target's own is then ignored. */
  readonly detect: boolean;
  /** Name of the suggested target; absent: derived from the URL. */
  readonly name?: string | undefined;
  /** Ends the stream; the report covers what arrived until then. */
  readonly signal?: AbortSignal;
  /** Called a few times a second with the progress. */
  readonly progress?: (phase: Phase, elapsedMs: number, chunks: number) => void;
  readonly network?: Network;
  /** Monotonic ms. */
  readonly clock?: () => number;
}

export interface Probed {
  readonly report: ProbeReport;
  /** For the plot. */
  readonly gaps: readonly Gap[];
}

/** How often limits are checked, ms. */
const SWEEP_MS = 50;

/**
 * Sends one request to a target and explains the stream that answers it. Never sends a second one.
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START
 */
export async function probe(options: ProbeOptions): Promise<Probed> {
  const { target, detect, signal, progress, network = NETWORK, clock = () => performance.now() } = options;
  const prepared = await prepareProbe(target, detect, { lookup: lookUp, ...options });
  const dial = dialOptions(prepared.route, buildAllowlist(options.allow), network, clock);
  const connection = new RecordingConnection(new Connector(dial).connect());
  const classifier = new ProbeClassifier({
    format: detect ? undefined : target.format,
    terminal: target.terminal,
    error: target.error,
    maxEventBytes: target.maxEventBytes,
    mediaType: () => mediaType(connection.header('content-type')),
    readAtMs: () => connection.readAtMs,
  });
  const over = Promise.withResolvers<Outcome>();
  let dialled: DialTimes | undefined;
  const observer: StreamObserver = {
    ...IGNORED,
    connected(times) {
      dialled = times;
    },
    ended: (_stream, outcome) => over.resolve(outcome),
  };
  const stream = new HttpStream(
    `probe-${randomBytes(4).toString('hex')}`,
    prepared,
    connection,
    observer,
    clock,
    classifier,
  );
  const sweep = setInterval(() => {
    // After the reads of this turn: bytes that came in time during a pause of soakd are no timeout.
    setImmediate(() => stream.sweep(clock()));
    progress?.(stream.phase, clock() - stream.startMs, stream.counters.chunks);
  }, SWEEP_MS);
  const cancel = (): void => stream.cancel('cancelled', 'interrupted');
  signal?.addEventListener('abort', cancel);
  try {
    stream.start(headersFor(prepared, stream.id), bodyFor(prepared, undefined));
    if (signal?.aborted === true) cancel();
    const outcome = await over.promise;
    classifier.settle(stream.counters);
    return explain({ options, stream, outcome, classifier, connection, dialled, nowMs: clock() });
  } finally {
    clearInterval(sweep);
    signal?.removeEventListener('abort', cancel);
    connection.destroy();
  }
}

const nothing = (): void => {};
const IGNORED = {
  connected: nothing,
  written: nothing,
  responded: nothing,
  firstByte: nothing,
  firstContent: nothing,
  chunks: nothing,
  body: nothing,
};

interface Seen {
  readonly options: ProbeOptions;
  readonly stream: HttpStream;
  readonly outcome: Outcome;
  readonly classifier: ProbeClassifier;
  readonly connection: RecordingConnection;
  readonly dialled: DialTimes | undefined;
  readonly nowMs: number;
}

function explain({ options, stream, outcome, classifier, connection, dialled, nowMs }: Seen): Probed {
  const { target, detect, resolveSecret } = options;
  const { startMs, writtenMs, counters, status } = stream;
  const type = mediaType(connection.header('content-type'));
  const accepted = status !== undefined && status < 300;
  const guess = classifier.guess ?? (accepted ? guessFormat(type, connection.body, true) : undefined);
  const chunks = classifier.chunks;
  if (chunks.last === undefined && connection.body.length > 0)
    chunks.push(connection.body, true, connection.readAtMs);
  const endEvent = endOf(chunks.last);
  // A named event may occur anywhere; as the last one before a clean end it is the terminal event.
  const seenEnd = detect && guess?.format === 'sse' && outcome === 'complete' ? endEvent : undefined;
  const terminal = classifier.terminal ?? seenEnd;
  const fromStart = (ms: number | undefined): number | null => (ms === undefined ? null : ms - startMs);
  const fromWritten = (ms: number | undefined): number | null => (ms === undefined ? null : ms - writtenMs);
  const gaps = gapsOf(classifier.reads, startMs);
  const secrets = secretValues(target, stream.target.secrets, (text) => resolveSecret(text, 'text'));
  const shown = (chunk: ShownChunk): ReportedChunk => ({
    ...chunk,
    atMs: chunk.atMs - startMs,
    event: chunk.event && hide(chunk.event, secrets),
    text: hide(chunk.text, secrets),
  });
  const href = target.endpoint.kind === 'url' ? target.endpoint.url : '';
  const length = Number(connection.header('content-length') ?? Number.NaN);
  const report: NotedReport = {
    schema: 1,
    url: shownUrl(href).url,
    method: target.method,
    outcome,
    result: resultOf(outcome),
    meaning: OUTCOME_HELP[outcome],
    detail: stream.detail ?? null,
    format: (detect ? guess?.format : target.format) ?? null,
    formatGiven: !detect,
    looksLike: guess === undefined ? null : { format: guess.format ?? null, reasons: guess.reasons },
    terminal: terminal ?? null,
    response:
      status === undefined
        ? null
        : {
            status,
            contentType: connection.header('content-type') ?? null,
            contentLength: Number.isNaN(length) ? null : length,
            server: connection.header('server') ?? null,
          },
    timings: {
      dnsMs: dialled?.dnsMs ?? null,
      tcpMs: dialled?.tcpMs ?? null,
      tunnelMs: dialled?.tunnelMs ?? null,
      tlsMs: dialled?.tlsMs ?? null,
      connectMs: stream.connectMs ?? null,
      writtenMs: writtenMs === 0 ? null : writtenMs - startMs,
      headersMs: stream.headersMs ?? null,
      ttfbMs: stream.firstByteMs ?? null,
      ttftMs: fromWritten(classifier.firstContentMs),
      lastChunkMs: fromStart(classifier.reads.at(-1)?.atMs),
      durationMs: (stream.decidedMs ?? nowMs) - startMs,
    },
    chunks: counters.chunks,
    contentChunks: counters.contentChunks,
    reads: connection.bodyReads,
    bytes: stream.bytes,
    contentCharacters: counters.characters,
    keepalives: counters.keepalives,
    gapMs: statsOf(gaps.map((g) => g.gapMs)),
    firstChunks: chunks.first.map(shown),
    lastChunk: chunks.last === undefined ? null : shown(chunks.last),
  };
  const notes = notesOn({
    report,
    guess,
    hasBody: target.body !== undefined,
    location: accepted ? undefined : redirectOf(connection.header('location'), href),
    endEvent,
    counters,
    overflow: classifier.overflow,
  });
  const misclassifierd = outcome === 'wrong_content_type' || outcome === 'malformed';
  const format = misclassifierd ? guess?.format : (report.format ?? undefined);
  const isStream = accepted && !isEncoded(connection) && (!detect || isStreamed(guess, stream.bytes, length));
  const configuration =
    isStream && format !== undefined
      ? configurationFor({ target, format, terminal, name: options.name, mediaType: type })
      : null;
  return { report: { ...report, notes, configuration }, gaps };
}

/** Whether the body is compressed: it then cannot be read as a stream of any format. */
function isEncoded(connection: RecordingConnection): boolean {
  const encoding = connection.header('content-encoding')?.trim().toLowerCase() ?? '';
  return encoding !== '' && encoding !== 'identity';
}

/**
 * Returns whether what came can be loaded as a stream: not a document in one piece, and not plain bytes whose number
 * was known before the first of them.
 * @param length `content-length`; NaN where there is none
 */
function isStreamed(guess: Guess | undefined, bytes: number, length: number): boolean {
  if (guess === undefined || guess.document) return false;
  return guess.format !== 'raw' || (bytes > 0 && Number.isNaN(length));
}

/** Returns the target of a redirect as an absolute URL; it may hold a secret like any other. */
function redirectOf(location: string | undefined, base: string): string | undefined {
  if (location === undefined || !URL.canParse(location, base)) return undefined;
  return shownLocation(new URL(location, base).href);
}

/** Usual names of terminal events. */
const END_NAMES = /^(done|end|complete|completed|finish|finished|close|stop|eof)$/i;

function endOf(last: ShownChunk | undefined): Terminal | undefined {
  return last?.event !== undefined && END_NAMES.test(last.event)
    ? { kind: 'event', event: last.event }
    : undefined;
}

function hide(text: string, secrets: readonly string[]): string {
  return visible(secrets.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text));
}

/** Dependencies of a probe. */
interface Deps extends Omit<TargetDeps, 'fetchToken'> {
  /** Hosts that may be probed besides loopback. */
  readonly allow: readonly string[];
}

/** The `accept` header where the format is detected. */
const ACCEPT_ANY = 'text/event-stream, application/x-ndjson, */*;q=0.5';

/**
 * Prepares a target for its one stream. Sends nothing.
 * @param detect whether the format is detected: any response is then accepted
 * @throws SoakError TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START (a name that cannot be looked up, a bad file)
 */
async function prepareProbe(target: Target, detect: boolean, from: Deps): Promise<ReadyTarget> {
  const url = new URL(target.endpoint.kind === 'url' ? target.endpoint.url : '');
  const asked = { ...target, headers: detect ? { accept: [ACCEPT_ANY], ...target.headers } : target.headers };
  const ready = await readyTarget(asked, url, buildAllowlist(from.allow), {
    ...from,
    fetchToken: noFreshToken,
  });
  const once = { ...ready, fresh: true, tailBytes: 0 };
  return detect ? { ...once, format: 'raw', contentTypes: [] } : once;
}

/** Flags have no words for such a token. */
function noFreshToken(): Promise<string> {
  return Promise.reject(new SoakError('CANNOT_START', 'a probe takes no token that is refreshed'));
}
