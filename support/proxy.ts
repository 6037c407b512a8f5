import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

export interface ProxyOptions {
  /** Wanted in `proxy-authorization`; without it the answer is 407. */
  readonly authorization?: string;
  /** Answers CONNECT in place of the proxy, on the bare socket. */
  readonly connect?: (socket: net.Socket) => void;
  /** Where names lead that nobody else knows, e.g. `llm.invalid` to 127.0.0.1. */
  readonly names?: Readonly<Record<string, string>>;
}

/** What a request was when it came here. */
export interface Proxied {
  readonly method: string;
  /** `host:port` of CONNECT, or a whole URL. */
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** A proxy on loopback: tunnels by CONNECT, and requests for whole URLs. It goes to loopback only. */
export class TestProxy {
  readonly #server: http.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly requests: Proxied[] = [];
  tunnels = 0;

  private constructor(options: ProxyOptions) {
    const { authorization, connect, names = {} } = options;
    const where = (host: string): string => {
      const known = names[host] ?? host;
      if (net.isIP(known) === 0 || !/^(127\.|::1$)/.test(known)) throw new Error(`not on loopback: ${host}`);
      return known;
    };
    const note = ({ method = '', url = '', headers }: http.IncomingMessage): boolean => {
      this.requests.push({ method, url, headers });
      return authorization === undefined || headers['proxy-authorization'] === authorization;
    };
    this.#server = http.createServer((request, response) => {
      if (!note(request)) {
        response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' }).end();
        return;
      }
      const to = new URL(request.url!);
      const { 'proxy-authorization': _, ...headers } = request.headers;
      const onward = http.request(
        {
          host: where(to.hostname.replace(/[[\]]/g, '')),
          port: to.port,
          path: to.pathname + to.search,
          method: request.method,
          headers,
          agent: false,
        },
        (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => response.destroy());
      response.on('close', () => onward.destroy());
      request.pipe(onward);
    });
    this.#server.on('connect', (request, socket: net.Socket) => {
      const known = note(request);
      socket.on('error', () => {});
      // A server of HTTP keeps its half open, and what nobody reads shows no end.
      socket.once('end', () => socket.end());
      if (connect !== undefined) connect(socket.resume());
      else if (!known) socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
      else this.#tunnel(request.url!, socket, where);
    });
    this.#server.on('connection', (socket) => this.#hold(socket));
  }

  static async listen(options: ProxyOptions = {}): Promise<TestProxy> {
    const proxy = new TestProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Connections of clients that are open. */
  get open(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #tunnel(authority: string, socket: net.Socket, where: (host: string) => string): void {
    const [, host = '', port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(authority) ?? [];
    const onward = net.connect({ host: where(host), port: Number(port) }, () => {
      this.tunnels++;
      socket.write('HTTP/1.1 200 Connection established\r\nvia: 1.1 test\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  }

  #hold(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
