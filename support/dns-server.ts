import dgram from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** What is known of a name: addresses, or the code of an error (2: the server failed, 3: no such name). */
export type Known = readonly string[] | number;

/** A DNS server on loopback that knows a few names. What it is not told of, it does not answer at all. */
export class DnsServer {
  readonly #socket = dgram.createSocket('udp4');
  readonly names: Record<string, Known>;
  /** Seconds that an answer may be kept. */
  ttl = 1;
  /** `name/A`, `name/AAAA`, as they came. */
  readonly questions: string[] = [];

  private constructor(names: Readonly<Record<string, Known>>) {
    this.names = { ...names };
    this.#socket.on('message', (message, from) => {
      const answer = this.#answer(message);
      if (answer !== undefined) this.#socket.send(answer, from.port, from.address);
    });
  }

  static async listen(names: Readonly<Record<string, Known>>): Promise<DnsServer> {
    const server = new DnsServer(names);
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  /** As a configuration has it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #answer(message: Buffer): Buffer | undefined {
    let at = 12;
    const labels: string[] = [];
    for (let size = message[at]!; size > 0; size = message[at]!) {
      labels.push(message.toString('latin1', at + 1, at + 1 + size));
      at += size + 1;
    }
    const name = labels.join('.').toLowerCase();
    const type = message.readUInt16BE(at + 1);
    this.questions.push(`${name}/${type === 28 ? 'AAAA' : 'A'}`);
    const known = this.names[name];
    if (known === undefined) return undefined;
    const found = typeof known === 'number' ? [] : known.filter((a) => isIPv6(a) === (type === 28));
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | (typeof known === 'number' ? known : 0), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(found.length, 6);
    return Buffer.concat([head, message.subarray(12, at + 5), ...found.map((a) => this.#record(a, type))]);
  }

  #record(address: string, type: number): Buffer {
    const bytes = type === 28 ? Buffer.alloc(16).fill(1, 15) : Buffer.from(address.split('.').map(Number));
    if (type === 28 && address !== '::1') throw new Error(`of IPv6 it knows ::1 only, not ${address}`);
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(this.ttl, 6);
    head.writeUInt16BE(bytes.length, 10);
    return Buffer.concat([head, bytes]);
  }
}
