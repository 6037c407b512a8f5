import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { SoakError } from '../core/errors.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import { type WrittenOptions, writtenOptions } from '../core/simulator-text.ts';
import type { Simulation } from './simulation.ts';

/**
 * Reads options that are written as in a configuration. Given from outside, since that language is none of
 * the simulator's business.
 * @throws SoakError with a line for each thing wrong
 */
export type ReadOptions = (written: unknown) => SimulatorOptions | Promise<SimulatorOptions>;

const MAX_BODY_BYTES = 1_048_576;

interface Reply {
  readonly status: number;
  readonly body: object;
}

type Method = (simulation: Simulation, body: string, read: ReadOptions | undefined) => Reply | Promise<Reply>;

const METHODS: Readonly<Record<string, Method>> = {
  GET: (simulation) => inForce(simulation),
  // All of the options: what is not said has its default.
  PUT: async (simulation, body, read) => {
    simulation.change(await readWith(read, parse(body)), 'begins anew');
    return inForce(simulation);
  },
  // Some of them: the others, and the time, stay as they are. `null` takes one away.
  PATCH: async (simulation, body, read) => {
    const merged: Record<string, unknown> = { ...writtenOptions(simulation.regime.options), ...parse(body) };
    for (const [key, value] of Object.entries(merged)) if (value === null) delete merged[key];
    simulation.change(await readWith(read, merged), 'goes on');
    return inForce(simulation);
  },
};

/** Answers `/control`: shows or changes what the simulator does, for clients of this machine alone. */
export function answerControl(
  simulation: Simulation,
  request: IncomingMessage,
  response: ServerResponse,
  read: ReadOptions | undefined,
): void {
  const send = ({ status, body }: Reply): void => {
    const text = `${JSON.stringify(body)}\n`;
    response.writeHead(status, {
      'content-type': status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      ...(status === 405 ? { allow: Object.keys(METHODS).join(', ') } : {}),
    });
    response.end(text);
  };
  const method = METHODS[request.method ?? ''];
  if (!isOfThisMachine(request) || method === undefined) {
    request.resume();
    send(
      method === undefined
        ? problem(405, `expected one of ${Object.keys(METHODS).join(', ')}`)
        : problem(403, 'the control is for clients of this machine alone'),
    );
    return;
  }
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (data: string) => {
    if (text.length <= MAX_BODY_BYTES) text += data;
  });
  request.once('end', async () => {
    try {
      if (text.length > MAX_BODY_BYTES) throw new SoakError('USAGE', 'the request body is over 1 MiB');
      send(await method(simulation, text, read));
    } catch (error) {
      if (error instanceof SoakError) send(problem(error.status, error.message, error));
      else send(problem(500, 'an error in soakd itself'));
    }
  });
}

function inForce(simulation: Simulation): Reply {
  const { options, sinceMs } = simulation.regime;
  return {
    status: 200,
    body: {
      options: writtenOptions(options),
      elapsedMs: Math.round(performance.now() - sinceMs),
      active: simulation.ledger.active,
      queued: simulation.slots.waiting,
      memoryBytes: simulation.ballast.bytes,
    },
  };
}

function problem(status: number, title: string, error?: SoakError): Reply {
  return {
    status,
    body: { status, title, ...(error === undefined ? {} : { code: error.code, details: error.details }) },
  };
}

function parse(body: string): WrittenOptions {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as WrittenOptions;
  } catch {
    // Said below.
  }
  throw new SoakError('USAGE', 'the request body is no JSON object');
}

async function readWith(read: ReadOptions | undefined, written: WrittenOptions): Promise<SimulatorOptions> {
  if (read === undefined) throw new SoakError('USAGE', 'this simulator cannot be changed while it runs');
  return await read(written);
}

/** A page on another site may have a name that leads to this machine, so the name counts as well. */
function isOfThisMachine({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? '';
  const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const near = address === '::1' || /^(::ffff:)?127\./.test(address);
  return near && (host === 'localhost' || isIP(host) > 0);
}
