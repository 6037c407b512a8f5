import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '../../src/core/random.ts';

/** An operation as the service's own document has it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Good bodies; none where it takes none. */
  readonly bodies: readonly unknown[];
  /** Whether it can do without. */
  readonly bare: boolean;
}

export interface HammerOptions {
  readonly port: number;
  readonly operations: readonly Operation[];
  readonly tokens: { readonly read: string; readonly operate: string };
  /** Whether requests that change the run may be good ones. */
  readonly changing: boolean;
  readonly clients: number;
  readonly forMs: number;
  readonly seed: number;
}

/** What came back. */
export interface Hammered {
  /** Answers by `METHOD /path` and status; what is no documented operation under `odd`. */
  readonly statuses: Readonly<Record<string, Readonly<Record<number, number>>>>;
  readonly requests: number;
  /** Answers that are not as they should be, at most 20. */
  readonly wrong: readonly string[];
  /** Connections that were cut or refused. */
  readonly broken: number;
}

/** A stream without an end, and pages for people that refuse with a page. */
const NOT_HAMMERED: readonly string[] = ['/api/v1/events', '/login', '/logout'];

/** Of every ten clients one never waits. */
const POLITE_PAUSE_MS = 100;
const WEIRD_METHODS = ['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'HEAD', 'POST', 'PATCH', 'GET'];
const ODD_PATHS = [
  '/%zz',
  '/..%2f..%2fetc%2fpasswd',
  '//',
  '/api/v1/runs/current/',
  '/api/v1/runs/current/explode',
  '/api/v1/status?limit=1&__proto__=2',
  '/api/v1/streams?limit=99999999999999999999',
  '/api/v1/failures?outcome[]=reset&target=%00',
  `/api/v1/status?${'x'.repeat(3000)}`,
  `/${'long/'.repeat(1000)}`,
  '/metrics%20',
  '/api/v1/STATUS',
];

const BAD_BODIES: readonly (readonly [type: string, body: string])[] = [
  ['application/json', ''],
  ['application/json', '{'],
  ['application/json', 'null'],
  ['application/json', '[]'],
  ['application/json', '"text"'],
  ['application/json', '{"users":"5"}'],
  ['application/json', '{"users":-1,"rate":-1,"grace":5,"by":[],"scenario":{}}'],
  ['application/json', '{"users":1e400}'],
  ['application/json', '{"scenario":"no such scenario","__proto__":{"by":"10m"}}'],
  ['application/json', '{"constructor":{"prototype":{"x":1}}}'],
  ['application/json', `{"scenario":"${'x'.repeat(100_000)}"}`],
  ['application/json', '['.repeat(30_000) + ']'.repeat(30_000)],
  ['application/json', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`],
  ['application/json', `{${Array.from({ length: 4000 }, (_, i) => `"k${i}":1`).join()}}`],
  ['application/json; charset=utf-16', '{"users":"5"}'],
  ['application/json', '\u0000\u0001\u0002'],
  ['text/plain', '{"users":5}'],
  ['application/x-www-form-urlencoded', 'users=5'],
  ['multipart/form-data; boundary=x', '--x--'],
  ['nonsense', '{}'],
  ['application/xml', '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'],
];

/** Bytes that are no request, or only the beginning of one. `hold` keeps the connection for a while. */
const RAW: readonly { readonly bytes: string; readonly hold: boolean }[] = [
  { bytes: '', hold: true },
  { bytes: 'GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ', hold: true },
  { bytes: 'POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{"scen', hold: true },
  { bytes: 'POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{"scen', hold: false },
  { bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', hold: false },
  { bytes: 'BREW / HTTP/1.1\r\n\r\n', hold: false },
  { bytes: `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'b'.repeat(20_000)}\r\n\r\n`, hold: false },
  { bytes: 'GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(20), hold: false },
  { bytes: 'GET / HTTP/1.0\r\n\r\n', hold: false },
  {
    bytes: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
    hold: false,
  },
  { bytes: 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n', hold: false },
];

/**
 * Many clients, each from a loopback address of its own, send what they should and what they should not: first
 * everything once, however long that takes, then what is drawn from the seed until the time is over.
 */
export async function hammer(options: HammerOptions): Promise<Hammered> {
  const tally = new ScheduleCounts();
  const endMs = performance.now() + options.forMs;
  await Promise.all(
    Array.from({ length: options.clients }, (_, i) => new Client(i, options, tally).work(endMs)),
  );
  return tally.result();
}

class ScheduleCounts {
  readonly #statuses: Record<string, Record<number, number>> = {};
  readonly #wrong: string[] = [];
  #requests = 0;
  #broken = 0;

  answer(route: string, status: number): void {
    this.#requests++;
    this.#statuses[route] ??= {};
    const own = this.#statuses[route];
    own[status] = (own[status] ?? 0) + 1;
  }

  wrong(line: string): void {
    if (this.#wrong.length < 20) this.#wrong.push(line);
  }

  broke(): void {
    this.#broken++;
  }

  result(): Hammered {
    return { statuses: this.#statuses, requests: this.#requests, wrong: this.#wrong, broken: this.#broken };
  }
}

interface Sent {
  /** In the tally. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly type?: string;
  readonly body?: string;
}

class Client {
  readonly #options: HammerOptions;
  readonly #tally: ScheduleCounts;
  readonly #random: Random;
  readonly #index: number;
  readonly #localAddress: string;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #greedy: boolean;

  constructor(index: number, options: HammerOptions, tally: ScheduleCounts) {
    this.#index = index;
    this.#options = options;
    this.#tally = tally;
    this.#random = seededRandom(options.seed, index);
    this.#localAddress = `127.0.1.${index + 1}`;
    this.#greedy = index % 10 === 9;
  }

  async work(endMs: number): Promise<void> {
    const { tokens } = this.#options;
    try {
      // Both are known from here now: wrong ones do not shut them out.
      for (const token of [tokens.read, tokens.operate]) {
        await this.#send({ route: 'GET /api/v1/status', method: 'GET', path: '/api/v1/status', token });
      }
      for (const sent of this.#mine(everythingOf(this.#options))) {
        await this.#send(sent);
        await this.#pause();
      }
      for (const raw of this.#mine(RAW)) await this.#sendBytes(raw);
      while (performance.now() < endMs) {
        if (this.#chance(10)) await this.#sendBytes(this.#pick(RAW));
        else await this.#send(this.#draw());
        if (!this.#greedy) await this.#pause();
      }
    } finally {
      this.#agent.destroy();
    }
  }

  /** Its share of a list that all clients have. */
  #mine<T>(all: readonly T[]): T[] {
    return all.filter((_, k) => k % this.#options.clients === this.#index);
  }

  #pause(): Promise<void> {
    return sleep(POLITE_PAUSE_MS * (0.5 + this.#random()));
  }

  #draw(): Sent {
    const { operations, tokens, changing } = this.#options;
    const { method, path, bodies, bare } = this.#pick(operations);
    const route = `${method} ${path}`;
    const changes = method !== 'GET';
    const anyToken = this.#pick([undefined, `wrong-${this.#below(1000)}`, tokens.read, tokens.operate]);
    if (this.#chance(8)) {
      const odd = { route: 'odd', method: this.#pick(WEIRD_METHODS), path: this.#pick(ODD_PATHS) };
      return { ...odd, token: anyToken };
    }
    if (this.#chance(12)) {
      const others = WEIRD_METHODS.filter((m) => !operations.some((o) => o.path === path && o.method === m));
      return { route: 'odd', method: this.#pick(others), path, token: tokens.operate };
    }
    if (!changes) return { route, method, path, token: this.#chance(50) ? tokens.read : anyToken };
    const good = bodies.length === 0 ? undefined : JSON.stringify(this.#pick(bodies));
    const goodBody = good === undefined ? {} : { type: 'application/json', body: good };
    // Did all of them stop the run, there would hardly be one.
    if (changing && this.#chance(60) && (this.#index === 0 || !path.endsWith('/stop'))) {
      return { route, method, path, token: tokens.operate, ...goodBody };
    }
    // A good body with a token that may not, or a bad one with one that may: neither can change anything.
    if (this.#chance(40)) {
      return { route, method, path, token: this.#pick([undefined, 'wrong', tokens.read]), ...goodBody };
    }
    const [type, body] = this.#pick(bare ? BAD_BODIES.filter(isSomething) : BAD_BODIES);
    return { route, method, path, token: tokens.operate, type, body };
  }

  async #send({ route, method, path, token, type, body }: Sent): Promise<void> {
    const sent = request({
      host: '127.0.0.1',
      port: this.#options.port,
      method,
      path,
      agent: this.#agent,
      localAddress: this.#localAddress,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
    });
    try {
      const answer = await new Promise<IncomingMessage>((done, fail) => {
        sent.on('response', done).on('error', fail);
        sent.end(body);
      });
      const content = await text(answer);
      const status = answer.statusCode!;
      this.#tally.answer(route, status);
      const fault = faultOf(status, answer.headers['content-type'], content, method);
      if (fault !== undefined) this.#tally.wrong(`${method} ${path.slice(0, 60)} ${status}: ${fault}`);
    } catch {
      // A body that is refused before it has been sent: the connection is closed under it.
      this.#tally.broke();
      sent.destroy();
    }
  }

  async #sendBytes({ bytes, hold }: (typeof RAW)[number]): Promise<void> {
    const socket = connect({ port: this.#options.port, host: '127.0.0.1', localAddress: this.#localAddress });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    const closed = new Promise<void>((done) => socket.on('close', () => done()));
    socket.on('error', () => this.#tally.broke());
    if (bytes !== '') socket.write(bytes, 'latin1');
    await Promise.race([closed, sleep(hold ? 1000 : 500)]);
    socket.destroy();
    for (const [, status] of answer.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)) {
      this.#tally.answer('bytes', Number(status));
    }
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n);
  }

  #chance(percent: number): boolean {
    return this.#below(100) < percent;
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)]!;
  }
}

/** Each kind of request at least once; none of them changes anything. */
function everythingOf({ operations, tokens }: HammerOptions): Sent[] {
  const odd = ODD_PATHS.map((path) => ({ route: 'odd', method: 'GET', path, token: tokens.read }));
  const all = operations.flatMap(({ method, path, bodies, bare }): Sent[] => {
    const route = `${method} ${path}`;
    const good = bodies.length === 0 ? {} : { type: 'application/json', body: JSON.stringify(bodies[0]) };
    const mayNot = [undefined, 'wrong', ...(method === 'GET' ? [tokens.operate] : []), tokens.read];
    const bad = method === 'GET' ? [] : bare ? BAD_BODIES.filter(isSomething) : BAD_BODIES;
    return [
      { route: 'odd', method: 'DELETE', path, token: tokens.operate },
      ...mayNot.map((token) => ({ route, method, path, token, ...good })),
      ...bad.map(([type, body]) => ({ route, method, path, token: tokens.operate, type, body })),
    ];
  });
  return [...odd, ...all];
}

/** Whether it is more than the type of a body that is not there. */
function isSomething([, body]: readonly [string, string]): boolean {
  return body !== '' && body !== 'null';
}

function faultOf(
  status: number,
  type: string | undefined,
  content: string,
  method: string,
): string | undefined {
  if (status < 400 || method === 'HEAD') return undefined;
  if (/planted/.test(content)) return `a token in ${content.slice(0, 200)}`;
  if (!type?.startsWith('application/problem+json')) return `of type ${type}: ${content.slice(0, 200)}`;
  const problem = JSON.parse(content) as { status?: number; code?: string; detail?: string };
  if (problem.status !== status || !problem.code || !problem.detail) return content.slice(0, 200);
  return status >= 500 ? content.slice(0, 300) : undefined;
}

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<string, { readonly requestBody?: { readonly required?: boolean; readonly content: Content } }>
      >
    >
  >;
}
type Content = Readonly<
  Record<
    string,
    {
      readonly schema: { readonly required?: unknown };
      readonly example?: unknown;
      readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
    }
  >
>;

/** @param url of the service; @returns all it says that it can do, with good bodies */
export async function operationsOf(url: string, token: string): Promise<Operation[]> {
  const response = await fetch(`${url}/api/v1/openapi.json`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { paths } = (await response.json()) as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    NOT_HAMMERED.includes(path)
      ? []
      : Object.entries(methods).map(([method, { requestBody }]) => {
          const media = requestBody?.content['application/json'];
          const named = Object.values(media?.examples ?? {}).map(({ value }) => value);
          const bodies = media?.example === undefined ? named : [media.example, ...named];
          return { method: method.toUpperCase(), path, bodies, bare: requestBody?.required !== true };
        }),
  );
}
