import net from 'node:net';
import { FAULT_HEADER } from '../../src/catalog/faults.ts';
import { STREAM_ID_HEADER } from '../../src/core/stream-id.ts';

/** A stream as it came over the wire, read by nothing but this file. */
export interface Wired {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Without the framing of HTTP; as much as is kept. */
  readonly body: Buffer;
  /** Bytes of body in all. */
  readonly bytes: number;
  /** Writes of the server that could be told apart: chunks of HTTP. */
  readonly pieces: readonly Buffer[];
  /** What the framing says: it was ended, it was in order but goes on, it ended inside a chunk, it is none. */
  readonly framing: 'ended' | 'open' | 'inside' | 'broken' | 'none';
  readonly connection: 'fin' | 'rst' | 'open';
  /** All bytes, as much as is kept. */
  readonly raw: Buffer;
}

export interface Wiring {
  readonly id?: string;
  readonly fault?: string;
  readonly body?: string;
  /** How long nothing may come before the connection is called open, ms. */
  readonly quietMs?: number;
  /** Goes away after so many bytes. */
  readonly leaveAfter?: number;
  /** Goes away after so long. */
  readonly leaveAfterMs?: number;
}

const KEPT = 4_000_000;

/** Asks for one stream over a connection of its own, and goes away when there is nothing more to see. */
export function overTheWire(port: number, path: string, wiring: Wiring = {}): Promise<Wired> {
  const {
    id,
    fault,
    body = '{}',
    quietMs = 1000,
    leaveAfter = Number.POSITIVE_INFINITY,
    leaveAfterMs,
  } = wiring;
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let kept = 0;
    let total = 0;
    let over = false;
    const socket = net.connect(port, '127.0.0.1');
    const end = (connection: Wired['connection']): void => {
      if (over) return;
      over = true;
      clearTimeout(quiet);
      clearTimeout(leave);
      socket.destroy();
      resolve(read(Buffer.concat(parts), total, connection));
    };
    const quiet = setTimeout(() => end('open'), quietMs);
    const leave = leaveAfterMs === undefined ? undefined : setTimeout(() => end('open'), leaveAfterMs);
    socket.on('data', (data) => {
      quiet.refresh();
      total += data.length;
      if (kept < KEPT) parts.push(data);
      kept += data.length;
      if (total >= leaveAfter) end('open');
    });
    socket.on('end', () => end('fin'));
    socket.on('error', () => end('rst'));
    const extra = `${id === undefined ? '' : `${STREAM_ID_HEADER}: ${id}\r\n`}${fault === undefined ? '' : `${FAULT_HEADER}: ${fault}\r\n`}`;
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${extra}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

function read(raw: Buffer, total: number, connection: Wired['connection']): Wired {
  const split = raw.indexOf('\r\n\r\n');
  const head = /^HTTP\/1\.1 (\d{3})/.exec(raw.toString('latin1', 0, 20));
  if (head === null || split < 0) {
    const nothing = Buffer.alloc(0);
    return {
      status: undefined,
      headers: {},
      body: nothing,
      bytes: 0,
      pieces: [],
      framing: 'none',
      connection,
      raw,
    };
  }
  const lines = raw.toString('latin1', 0, split).split('\r\n').slice(1);
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(': ')[0]!.toLowerCase(), line.slice(line.indexOf(': ') + 2)]),
  );
  const rest = raw.subarray(split + 4);
  const { pieces, framing } =
    headers['transfer-encoding'] === 'chunked'
      ? chunksOf(rest)
      : {
          pieces: [rest],
          framing: framingOf(rest.length, headers['content-length'], connection),
        };
  const body = Buffer.concat(pieces);
  const bytes = total <= KEPT ? body.length : total - split - 4;
  return { status: Number(head[1]), headers, body, bytes, pieces, framing, connection, raw };
}

function framingOf(bytes: number, length: string | undefined, connection: string): Wired['framing'] {
  if (length !== undefined) return bytes === Number(length) ? 'ended' : 'inside';
  return connection === 'fin' ? 'ended' : 'open';
}

function chunksOf(wire: Buffer): { pieces: Buffer[]; framing: Wired['framing'] } {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at < wire.length) {
    const end = wire.indexOf('\r\n', at);
    if (end < 0) return { pieces, framing: 'inside' };
    const text = wire.toString('latin1', at, end);
    if (!/^[0-9a-f]+$/.test(text)) return { pieces, framing: 'broken' };
    const length = Number.parseInt(text, 16);
    if (length === 0) return { pieces, framing: 'ended' };
    const piece = wire.subarray(end + 2, end + 2 + length);
    pieces.push(piece);
    if (piece.length < length) return { pieces, framing: 'inside' };
    if (wire.toString('latin1', end + 2 + length, end + 4 + length) !== '\r\n') {
      return { pieces, framing: wire.length < end + 4 + length ? 'inside' : 'broken' };
    }
    at = end + 4 + length;
  }
  return { pieces, framing: 'open' };
}
