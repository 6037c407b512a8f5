import type { IncomingMessage, ServerResponse } from 'node:http';
import { FAULT_HEADER } from '../catalog/faults.ts';
import { FAULTS, type Fault, type SimulatedOutcome } from '../core/simulator.ts';
import { STREAM_ID_HEADER } from '../core/stream-id.ts';
import type { Format } from '../formats/list.ts';
import { type Ask, askOf, asksInBody, MAX_READ_BYTES } from './asks.ts';
import { refuses } from './capacity.ts';
import { expectedOutcome } from './expected.ts';
import type { Head, StreamFault } from './fault-scripts.ts';
import { type Counts, type FrameSet, NO_COUNTS } from './frames.ts';
import type { Ledger, StreamRecord } from './ledger.ts';
import { type AnswerPlan, planAnswer } from './plan.ts';
import { Player } from './player.ts';
import { formatOf } from './routes.ts';
import { framingOf, type Script, writeScript } from './script.ts';
import type { Regime, Simulation } from './simulation.ts';
import { errorResponse, type Whole, wholeFor } from './whole.ts';

/** Bytes of request body that are read and thrown away; more is refused. */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** The `Retry-After` of a capacity that is at its end, where the options have none; ms. */
const RETRY_AFTER_MS = 1000;

/** A body that never comes as far as this, bytes. */
const FALSE_LENGTH = 1_000_000_000;

/** Answers any request as a stream, once its body has been read. */
export function answerStream(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  new Answer(simulation, request, response).begin();
}

/** One answer, from its request to its end. */
class Answer {
  readonly #simulation: Simulation;
  readonly #ledger: Ledger;
  /** The options as they were when the stream started. */
  readonly #regime: Regime;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #record: StreamRecord;
  readonly #format: Format;
  #player: Player | undefined;
  #giveBack: (() => void) | undefined;
  #pause: NodeJS.Timeout | undefined;

  constructor(simulation: Simulation, request: IncomingMessage, response: ServerResponse) {
    this.#simulation = simulation;
    this.#ledger = simulation.ledger;
    this.#regime = simulation.regime;
    this.#request = request;
    this.#response = response;
    const id = request.headers[STREAM_ID_HEADER];
    this.#record = this.#ledger.open(typeof id === 'string' ? id : undefined);
    this.#format = formatOf(request.url ?? '/', this.#regime.options.format as Format);
    this.#record.format = this.#format;
  }

  begin(): void {
    const asked = this.#request.headers[FAULT_HEADER];
    const unfit = unfitness(this.#request, this.#response, asked);
    if (unfit !== undefined) {
      this.#request.resume();
      this.#refuse(errorResponse(unfit.status, unfit.message), true);
      return;
    }
    this.#response.once('close', () => {
      clearTimeout(this.#pause);
      this.#player?.stop();
      this.#giveBack?.();
      this.#ledger.settle(this.#record, this.#player?.outcomeIfLeft ?? 'cancelled');
    });
    this.#read((text) => this.#answer(asked as Fault | 'none' | undefined, text));
  }

  /** @param done called with the body, as far as the format needs it, unless it is refused */
  #read(done: (text: string) => void): void {
    const kept: Buffer[] | undefined = asksInBody(this.#format) ? [] : undefined;
    let received = 0;
    this.#request.on('data', (data: Buffer) => {
      received += data.length;
      if (received <= MAX_READ_BYTES) kept?.push(data);
      if (received > MAX_REQUEST_BYTES && !this.#response.headersSent) {
        this.#refuse(errorResponse(413, 'the request body is over 10 MiB'), true);
      }
    });
    this.#request.once('end', () => {
      if (this.#response.headersSent) return;
      const text = kept === undefined || received > MAX_READ_BYTES ? '' : Buffer.concat(kept).toString();
      // The request lives as long as its answer; its body need not.
      if (kept !== undefined) kept.length = 0;
      done(text);
    });
  }

  /** The request is complete. */
  #answer(asked: Fault | 'none' | undefined, text: string): void {
    const requestedAt = performance.now();
    const { options } = this.#regime;
    const { active } = this.#ledger;
    const { capacity, retryAfterMs } = options;
    if (capacity !== undefined && refuses(capacity, active)) {
      const message = 'simulated capacity is at its end';
      this.#refuse(errorResponse(capacity.status, message, retryAfterMs ?? RETRY_AFTER_MS), false);
      return;
    }
    const plan = planAnswer(options, this.#record.index, {
      elapsedMs: this.#regime.elapsedMs(),
      active,
      asked,
    });
    const fault =
      plan.fault !== undefined && expectedOutcome(plan.fault, this.#format) === undefined
        ? undefined
        : plan.fault;
    this.#record.fault = fault ?? null;
    const whole = wholeFor(fault);
    if (whole !== undefined) {
      const frames = this.#simulation.frames(this.#format, 'plain');
      this.#sendWhole(whole(options, frames), expectedOutcome(fault!, this.#format)!, false);
      return;
    }
    const ask = askOf(this.#format, text);
    this.#giveBack = this.#simulation.slots.take(() => {
      this.#afterPauses(() => this.#play(plan, fault as StreamFault | undefined, ask, requestedAt));
    });
  }

  /** Delays `act` until no pause is active: in a pause not even a head is sent. */
  #afterPauses(act: () => void): void {
    const now = performance.now();
    const waitMs = (this.#regime.notBefore?.(now) ?? now) - now;
    if (waitMs <= 0) act();
    else this.#pause = setTimeout(act, waitMs);
  }

  #play(plan: AnswerPlan, fault: StreamFault | undefined, ask: Ask, requestedAt: number): void {
    const frames = this.#simulation.frames(this.#format, framingOf(fault));
    const script = this.#prebuilt(plan, fault, ask, frames) ?? writeScript(plan, fault, frames, ask);
    if (this.#request.method === 'HEAD') {
      this.#sendHead('chunked', frames.contentType);
      // The head is the whole answer, so it ends well at once.
      this.#ledger.ended(this.#record, performance.now() - requestedAt);
      this.#ledger.settle(this.#record, 'complete');
      this.#response.end();
      return;
    }
    const socket = this.#response.socket!;
    this.#player = new Player(script, this.#record, this.#ledger, this.#response, socket, {
      requestedAt,
      notBefore: this.#regime.notBefore,
    });
    // With the first frames in one write, where these wait for nothing.
    socket.cork();
    this.#sendHead(script.head, frames.contentType);
    if (script.ttfbMs > 0) socket.uncork();
    this.#player.start();
    if (script.ttfbMs <= 0) socket.uncork();
  }

  #prebuilt(
    plan: AnswerPlan,
    fault: StreamFault | undefined,
    ask: Ask,
    frames: FrameSet,
  ): Script | undefined {
    if (this.#regime.options.roofline !== true || fault !== undefined) return undefined;
    if (ask.usage || ask.maxChunks < plan.contentChunks) return undefined;
    return this.#regime.roofline(frames).script(this.#record.index);
  }

  #sendHead(head: Head, contentType: string): void {
    if (head === 'none') return;
    this.#record.status = 200;
    // Without it, node ends the body with the connection.
    this.#response.useChunkedEncodingByDefault = head === 'chunked';
    this.#response.writeHead(200, {
      'content-type': contentType,
      'cache-control': 'no-cache',
      ...HEAD_FIELDS[head],
    });
    this.#response.flushHeaders();
  }

  #refuse(whole: Whole, hangUp: boolean): void {
    this.#sendWhole(whole, 'http_error', hangUp);
  }

  /** Answers with a whole response in place of a stream. */
  #sendWhole({ status, headers, body }: Whole, outcome: SimulatedOutcome, hangUp: boolean): void {
    this.#response.writeHead(status, {
      ...headers,
      'content-length': body.length,
      ...(hangUp ? { connection: 'close' } : {}),
    });
    this.#response.end(body);
    this.#record.status = status;
    const bytes = this.#request.method === 'HEAD' ? 0 : body.length;
    // A client that takes it for the answer reads it as content.
    const content = outcome === 'complete' && bytes > 0 ? WHOLE_CHUNK : NO_COUNTS;
    // It is all there at once.
    this.#ledger.sent(this.#record, { ...content, characters: content.chunks * bytes, bytes }, 0);
    this.#ledger.ended(this.#record, 0);
    this.#ledger.settle(this.#record, outcome);
  }
}

const WHOLE_CHUNK: Counts = { ...NO_COUNTS, chunks: 1, contentChunks: 1 };

const HEAD_FIELDS: Readonly<Record<Exclude<Head, 'none'>, Readonly<Record<string, string>>>> = {
  chunked: { 'transfer-encoding': 'chunked' },
  close: { connection: 'close' },
  length: { 'content-length': String(FALSE_LENGTH) },
};

const ASKABLE: readonly string[] = ['none', ...FAULTS];

/** Why a request cannot be answered with a stream, if so. */
function unfitness(
  request: IncomingMessage,
  response: ServerResponse,
  asked: string | string[] | undefined,
): { status: number; message: string } | undefined {
  if (request.httpVersion !== '1.1') return { status: 505, message: 'a stream needs HTTP/1.1' };
  // Chunks go to the socket as they are, and so cannot queue behind another answer.
  if (response.socket === null) return { status: 501, message: 'pipelined requests are not answered' };
  if (asked !== undefined && !ASKABLE.includes(String(asked))) {
    return { status: 400, message: `${FAULT_HEADER} is none of ${ASKABLE.join(', ')}` };
  }
  return undefined;
}
