import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { nodeHttp } from '../core/node-http.ts';
import { PROBLEM_TYPE, type Problem } from './problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** Returns the problem of a request that reaches no route. */
export function malformed(status: number, detail: string): Problem {
  const title = status === 405 ? 'method not allowed' : 'malformed request';
  return { type: 'about:blank', title, status, detail, code: 'USAGE' };
}

/** Answers with a problem, and closes: where the body of such a request ends is not sure. */
export function endWithProblem(response: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problem);
  const { socket } = response;
  response.shouldKeepAlive = false;
  response.writeHead(problem.status, headersOf(body, {}));
  // A client that keeps sending must not keep the socket open.
  response.end(body, () => socket?.destroySoon());
}

/** Answers with a problem on a socket without a response, and closes. @param more headers */
export function writeProblem(
  socket: Duplex,
  problem: Problem,
  more: Readonly<Record<string, string>> = {},
): void {
  const body = JSON.stringify(problem);
  const headers = Object.entries(headersOf(body, more)).map(([name, value]) => `${name}: ${value}\r\n`);
  const { status } = problem;
  socket.end(`HTTP/1.1 ${status} ${nodeHttp.STATUS_CODES[status]}\r\n${headers.join('')}\r\n${body}`, () =>
    socket.destroy(),
  );
}

function headersOf(body: string, more: Readonly<Record<string, string>>): Record<string, string> {
  return {
    ...SECURITY_HEADERS,
    ...more,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
}
