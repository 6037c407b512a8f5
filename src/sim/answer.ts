import type { IncomingMessage, ServerResponse } from 'node:http';
import { STREAM_ID_HEADER } from '../catalog/formats.ts';
import type { Format } from '../core/scenario.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import type { FrameSet } from './frames.ts';
import type { Ledger, StreamRecord } from './ledger.ts';
import { planAnswer } from './plan.ts';
import { Player } from './player.ts';
import { formatOf } from './routes.ts';
import { writeScript } from './script.ts';

/** What all answers of one simulator share. */
export interface Simulation {
  readonly options: SimulatorOptions;
  readonly frames: Readonly<Record<Format, FrameSet>>;
  readonly ledger: Ledger;
}

/** Bytes of request body that are read and thrown away; more is refused. */
const MAX_REQUEST_BYTES = 10 * 1024 * 1024;

/** Answers any request as a stream, once its body has been read. */
export function answerStream(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { ledger, options } = simulation;
  const id = request.headers[STREAM_ID_HEADER];
  const record = ledger.open(typeof id === 'string' ? id : undefined);
  const plan = planAnswer(options, record.index);

  const unfit = unfitness(request, response);
  if (unfit !== undefined) {
    request.resume();
    refuse(ledger, record, response, unfit.status, unfit.message, true);
    return;
  }

  const frames = simulation.frames[formatOf(request.url ?? '/', options.format)];
  let player: Player | undefined;
  response.once('close', () => {
    player?.stop();
    ledger.settle(record, player?.silent ? 'stalled' : 'cancelled');
  });

  let received = 0;
  request.on('data', (data: Buffer) => {
    received += data.length;
    if (received > MAX_REQUEST_BYTES && !response.headersSent) {
      refuse(ledger, record, response, 413, 'the request body is over 10 MiB', true);
    }
  });
  request.once('end', () => {
    if (response.headersSent) return;
    const { fault } = plan;
    if (fault === 'http503') {
      refuse(ledger, record, response, 503, 'simulated overload', false);
      return;
    }
    record.status = 200;
    response.writeHead(200, {
      'content-type': frames.contentType,
      'cache-control': 'no-cache',
      'transfer-encoding': 'chunked',
    });
    if (request.method === 'HEAD') {
      // The head is the whole answer, so it ends well at once.
      ledger.settle(record, 'complete');
      response.end();
      return;
    }
    response.flushHeaders();
    player = new Player(writeScript(plan, fault, frames), record, ledger, response, response.socket!);
    player.start();
  });
}

/** Why a request cannot be answered with a stream, if so. */
function unfitness(
  request: IncomingMessage,
  response: ServerResponse,
): { status: number; message: string } | undefined {
  if (request.httpVersion !== '1.1') return { status: 505, message: 'a stream needs HTTP/1.1' };
  // Chunks go to the socket as they are, and so cannot queue behind another answer.
  if (response.socket === null) return { status: 501, message: 'pipelined requests are not answered' };
  return undefined;
}

/** Answers with an error of HTTP in place of a stream. */
function refuse(
  ledger: Ledger,
  record: StreamRecord,
  response: ServerResponse,
  status: number,
  message: string,
  hangUp: boolean,
): void {
  const body = JSON.stringify({ error: { message, type: 'server_error', code: status } });
  const bytes = Buffer.byteLength(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes,
    ...(hangUp ? { connection: 'close' } : {}),
  });
  response.end(body);
  record.status = status;
  record.ttfbMs = 0;
  ledger.sent(record, { chunks: 0, bytes, characters: 0 });
  ledger.settle(record, 'http_error');
}
