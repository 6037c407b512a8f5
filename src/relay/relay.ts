import { createServer, type Server } from 'node:net';
import { PLAIN_NETWORK } from '../catalog/networks.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { NetworkShape } from '../core/network.ts';
import { DelayCounters } from './added-delay.ts';
import {
  type ConnectionRecord,
  type DirectionRecord,
  ENDS,
  type End,
  RelayedConnection,
  type RelayTarget,
} from './relayed-connection.ts';

export interface RelayOptions {
  readonly to: RelayTarget;
  /** Absent or 0: any that is free. Always on 127.0.0.1. */
  readonly port?: number;
  /** What differs from a network that adds nothing. */
  readonly shape?: Partial<NetworkShape>;
  /** Of all draws; absent: 1. */
  readonly seed?: number;
  /** Called for every connection at its end. */
  readonly ended?: (record: ConnectionRecord) => void;
  /** Monotonic ms. */
  readonly clock?: () => number;
}

/** All connections together, and what was really added to them. */
interface RelayTotals {
  readonly connections: { readonly accepted: number; readonly open: number } & Readonly<Record<End, number>>;
  /** What the relay adds to a client's connect, ms. */
  readonly addedConnectMs: 0;
  readonly up: DirectionRecord;
  readonly down: DirectionRecord;
  /** Bytes that are held at this moment. */
  readonly queuedBytes: number;
}

export interface Relay {
  readonly port: number;
  readonly shape: NetworkShape;
  totals(): RelayTotals;
  /** Breaks what is open; resolves when all of it is given back and the port is free. */
  close(): Promise<void>;
}

/** Connections that the kernel may hold before they are accepted. */
const BACKLOG = 16_384;

/**
 * Starts a relay on 127.0.0.1 that makes a local target look far away.
 * @throws SoakError `CANNOT_START` when it cannot listen
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { to, port = 0, seed = 1, ended, clock = () => performance.now() } = options;
  const shape: NetworkShape = { ...PLAIN_NETWORK, ...options.shape };
  const open = new Set<RelayedConnection>();
  const counters = { up: new DelayCounters(), down: new DelayCounters() };
  const ends = Object.fromEntries(ENDS.map((end) => [end, 0])) as Record<End, number>;
  let accepted = 0;

  // Half-open: an end of one direction says nothing of the other.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const connection = new RelayedConnection({
      number: ++accepted,
      client,
      target: to,
      shape,
      seed,
      totals: counters,
      clock,
      ended(record) {
        open.delete(connection);
        ends[record.end]++;
        ended?.(record);
      },
    });
    open.add(connection);
  });
  await listen(server, port);
  const direction = ({ bytes, added }: DelayCounters): DirectionRecord => ({ bytes, added });
  return {
    port: (server.address() as { port: number }).port,
    shape,
    totals: () => ({
      connections: { accepted, open: open.size, ...ends },
      addedConnectMs: 0,
      up: direction(counters.up),
      down: direction(counters.down),
      queuedBytes: [...open].reduce((sum, connection) => sum + connection.queued, 0),
    }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const over = [...open].map((connection) => connection.over);
      for (const connection of open) connection.break('cut');
      await Promise.all([closed, ...over]);
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => {
      const text = `the relay cannot listen on 127.0.0.1:${port}: ${messageOf(error)}`;
      reject(new SoakError('CANNOT_START', text, [], error));
    };
    server.once('error', failed);
    server.listen({ host: '127.0.0.1', port, backlog: BACKLOG }, () => {
      server.off('error', failed);
      resolve();
    });
  });
}
