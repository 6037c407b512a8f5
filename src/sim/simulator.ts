import { closeSync, openSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, SoakError } from '../core/errors.ts';
import { nodeHttp } from '../core/node-http.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import { answerStream } from './answer.ts';
import { answerControl, type ReadOptions } from './control.ts';
import type { GroundTruth } from './ledger.ts';
import { answerInfo, isControl } from './routes.ts';
import { Simulation } from './simulation.ts';

/** A server that is up, and what it has really sent. */
export interface Simulator {
  /** Without a slash at its end. */
  readonly url: string;
  readonly port: number;
  groundTruth(): GroundTruth;
  /**
   * Changes the options for streams that start from now on; the time of timeline and behaviours restarts at
   * 0.
   */
  change(options: SimulatorOptions): void;
  /** Breaks what is open; resolves when all of it is given back and the port is free. */
  close(): Promise<void>;
}

export interface SimulatorAddress {
  /** Absent: 127.0.0.1. */
  readonly host?: string;
  /** Absent or 0: any that is free. */
  readonly port?: number;
  /** Connections that would take a descriptor above this one are closed at once; absent: there is no bound. */
  readonly highestDescriptor?: number;
}

export interface SimulatorSettings extends SimulatorAddress {
  /** Absent: it cannot be changed over HTTP. */
  readonly read?: ReadOptions | undefined;
}

/** Connections that the kernel may hold before they are accepted (it cuts this to `net.core.somaxconn`). */
const BACKLOG = 16_384;

/** How long an idle connection is kept for its next request, ms: longer than clients keep theirs. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Starts a server that answers every request with a simulated answer as a stream.
 * @throws SoakError `CANNOT_START` when it cannot listen
 */
export async function startSimulator(
  options: SimulatorOptions,
  settings: SimulatorSettings = {},
): Promise<Simulator> {
  const { host = '127.0.0.1', port = 0, read, highestDescriptor } = settings;
  const simulation = new Simulation(options);
  const server = nodeHttp.createServer({
    noDelay: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Both end with the complete request, so an answer may take as long as it likes.
    headersTimeout: 60_000,
    requestTimeout: 300_000,
  });
  server.on('request', (request, response) => {
    if (isControl(request.url ?? '/')) answerControl(simulation, request, response, read);
    else if (!answerInfo(request, response, simulation)) answerStream(simulation, request, response);
  });
  if (highestDescriptor !== undefined)
    server.on('connection', (socket) => {
      if (lowestFreeDescriptor() > highestDescriptor) socket.destroy();
    });
  const bound = await listen(server, host, port).catch((error: unknown) => {
    simulation.close();
    throw error;
  });
  return {
    url: `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`,
    port: bound.port,
    groundTruth: () => simulation.ledger.totals(),
    change: (changed) => simulation.change(changed, 'restarts'),
    close: () => {
      simulation.close();
      // Before the connections report their end: it is not the clients that went away.
      simulation.ledger.settleAll('reset');
      return new Promise((resolve) => {
        // The callback also comes, with an error, when it was closed before.
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** A system gives out the lowest free number. */
function lowestFreeDescriptor(): number {
  try {
    const descriptor = openSync('/dev/null', 'r');
    closeSync(descriptor);
    return descriptor;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      const text = `the simulator cannot listen on ${host}:${port}: ${messageOf(error)}`;
      reject(new SoakError('CANNOT_START', text, [], error));
    };
    server.once('error', failed);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', failed);
      resolve(server.address() as AddressInfo);
    });
  });
}
