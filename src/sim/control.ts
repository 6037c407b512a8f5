import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { SoakError } from '../core/errors.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import { type WrittenOptions, writtenOptions } from '../core/simulator-text.ts';
import type { Simulation } from './simulation.ts';

/**
 * Reads options that are written as in a configuration. Injected, so that the simulator does not depend on
 * the configuration's syntax.
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
  // Sets all options: those that are absent get their defaults.
  PUT: async (simulation, body, read) => {
    simulation.change(await readWith(read, parse(body)), 'restarts');
    return inForce(simulation);
  },
  // Sets some options; the others, and the time, stay as they are. `null` removes an option.
  PATCH: async (simulation, body, read) => {
    const merged: Record<string, unknown> = { ...writtenOptions(simulation.regime.options), ...parse(body) };
    for (const [key, value] of Object.entries(merged)) if (value === null) delete merged[key];
    simulation.change(await readWith(read, merged), 'continues');
    return inForce(simulation);
  },
};

/** Answers `/control`: shows or changes the options of the simulator, for clients on loopback only. */
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
        : problem(403, '/control answers only clients on loopback whose Host is an IP address or localhost'),
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
      else send(problem(500, 'internal error'));
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
    body: { status, title, code: error?.code, details: error?.details },
  };
}

function parse(body: string): WrittenOptions {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as WrittenOptions;
  } catch {
    // Reported below.
  }
  throw new SoakError('USAGE', 'the request body is not a JSON object');
}

async function readWith(read: ReadOptions | undefined, written: WrittenOptions): Promise<SimulatorOptions> {
  if (read === undefined) throw new SoakError('USAGE', 'this simulator cannot be changed while it runs');
  return await read(written);
}

/**
 * The name of another site may resolve to this machine (DNS rebinding), so the host header is checked, too.
 */
function isOfThisMachine({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? '';
  const host = (headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  const near = address === '::1' || /^(::ffff:)?127\./.test(address);
  return near && (host === 'localhost' || isIP(host) > 0);
}
