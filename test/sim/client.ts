import http from 'node:http';
import type { TestContext } from 'node:test';
import { FAULT_HEADER } from '../../src/catalog/faults.ts';
import type { SimulatorOptions } from '../../src/core/simulator.ts';
import { STREAM_ID_HEADER } from '../../src/core/stream-id.ts';
import type { Format } from '../../src/formats/list.ts';
import type { GroundTruth, StreamRecord } from '../../src/sim/ledger.ts';
import { type Simulator, startSimulator } from '../../src/sim/simulator.ts';
import { poll } from '../../support/poll.ts';

/** Answers of a few milliseconds. */
export const TINY: SimulatorOptions = {
  seed: 7,
  format: 'sse',
  ttfbMs: { kind: 'fixed', value: 2 },
  gapMs: { kind: 'uniform', from: 0, to: 2 },
  chunks: { kind: 'uniform', from: 8, to: 20 },
  characters: { kind: 'uniform', from: 2.5, to: 5.1 },
  faults: {},
};

/** Starts one that is closed when the test ends, well or not. */
export async function simulate(test: TestContext, options: SimulatorOptions): Promise<Simulator> {
  const simulator = await startSimulator(options);
  test.after(() => simulator.close());
  return simulator;
}

/** A path that asks for each format. */
export const PATHS: Readonly<Record<Format, string>> = {
  raw: '/raw',
  sse: '/sse',
  'openai-chat': '/v1/chat/completions',
  'openai-completions': '/v1/completions',
  'openai-responses': '/v1/responses',
  anthropic: '/v1/messages',
  gemini: '/v1beta/models/simulated-1:streamGenerateContent?alt=sse',
  cohere: '/v2/chat',
  ollama: '/api/chat',
  ndjson: '/ndjson',
};

/** Events of each format before its content. */
export const OPENING: Readonly<Record<Format, number>> = {
  raw: 0,
  sse: 0,
  'openai-chat': 1,
  'openai-completions': 0,
  'openai-responses': 4,
  anthropic: 3,
  gemini: 0,
  cohere: 2,
  ollama: 0,
  ndjson: 0,
};

/** What a client of node:http saw of one stream. */
export interface Received {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  /** The code of the error that ended the body, if one did. */
  readonly broken: string | undefined;
}

export interface Ask {
  readonly id?: string;
  readonly method?: string;
  readonly body?: string;
  readonly agent?: http.Agent;
  readonly fault?: string;
}

/** Reads a stream to its end, good or bad. */
export function receive(
  url: string,
  { id, method = 'POST', body = '{}', agent, fault }: Ask = {},
): Promise<Received> {
  return new Promise((resolve, reject) => {
    let answered = false;
    let broken: string | undefined;
    const breaks = (error: NodeJS.ErrnoException): void => {
      broken ??= error.code;
    };
    const request = http.request(url, { method, ...(agent ? { agent } : {}) }, (response) => {
      answered = true;
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', breaks);
      response.on('close', () => {
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(parts),
          broken,
        });
      });
    });
    // Without a response this is the end; after one, its `close` still comes, and brings what was read.
    request.on('error', (error: NodeJS.ErrnoException) => {
      breaks(error);
      if (!answered) reject(error);
    });
    if (id !== undefined) request.setHeader(STREAM_ID_HEADER, id);
    if (fault !== undefined) request.setHeader(FAULT_HEADER, fault);
    request.end(body);
  });
}

export type Truth = GroundTruth & { readonly streams: { finished: StreamRecord[]; open: StreamRecord[] } };

/** What the simulator says about the streams of an id. */
export async function truthOf(url: string, id: string): Promise<Truth> {
  return (await (await fetch(`${url}/ground-truth?id=${encodeURIComponent(id)}`)).json()) as Truth;
}

/** The record of a stream once it is finished: its end may be seen here before it is booked there. */
export function finishedRecord(url: string, id: string): Promise<StreamRecord> {
  return poll(`finished stream ${id}`, async () => (await truthOf(url, id)).streams.finished[0], {
    everyMs: 5,
  });
}

/** @returns whether `started` = Σ `finished` + `active` */
export function balances(truth: GroundTruth): boolean {
  return truth.started === Object.values(truth.finished).reduce((a, b) => a + b, 0) + truth.active;
}
