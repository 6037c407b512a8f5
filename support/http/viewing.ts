import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { ViewerOutput } from '../../src/http/events/viewer.ts';

/** A message of a stream of events. */
export interface Message {
  readonly name: string;
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what tests check.
  readonly data: any;
}

/** Returns the messages of a text, as a parser of the standard reads them. */
function messagesOf(text: string): Message[] {
  const messages: Message[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) =>
      messages.push({ name: event ?? '', id: id ?? '', data: JSON.parse(data) }),
  });
  parser.feed(text);
  return messages;
}

/** The output of a viewer in a test: it takes what its reader would. */
export class Output implements ViewerOutput {
  readonly chunks: Buffer[] = [];
  writableLength = 0;
  /** Whether its reader takes nothing. */
  isSlow = false;
  ending: 'ended' | 'destroyed' | undefined;
  #waiting: (() => void)[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  /** Returns the messages since the last call. */
  take(): Message[] {
    const { text } = this;
    this.chunks.length = 0;
    return messagesOf(text);
  }

  write = ((chunk: Buffer): boolean => {
    this.chunks.push(chunk);
    if (this.isSlow) this.writableLength += chunk.length;
    return !this.isSlow;
  }) as ViewerOutput['write'];

  end = (() => {
    this.ending = 'ended';
  }) as unknown as ViewerOutput['end'];

  destroy = (() => {
    this.ending = 'destroyed';
  }) as unknown as ViewerOutput['destroy'];

  once = ((_event: string, call: () => void) => {
    this.#waiting.push(call);
  }) as unknown as ViewerOutput['once'];

  off = (() => {}) as unknown as ViewerOutput['off'];

  /** The reader takes all that waits. */
  drain(): void {
    this.isSlow = false;
    this.writableLength = 0;
    for (const call of this.#waiting.splice(0)) call();
  }
}

/** A stream of events of a soakd that listens. */
export class LiveViewer {
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  /** Resolved when the stream ends, whoever ends it. */
  readonly ended: Promise<void>;
  readonly #answer: IncomingMessage;
  #text = '';

  private constructor(answer: IncomingMessage) {
    this.#answer = answer;
    this.headers = answer.headers;
    this.status = answer.statusCode!;
    answer.setEncoding('utf8').on('data', (part: string) => {
      this.#text += part;
    });
    // A killed soakd ends it with an error.
    answer.on('error', () => {});
    this.ended = new Promise((done) => answer.once('close', done));
  }

  /** @param port of a soakd on 127.0.0.1 */
  static open(port: number, headers: Readonly<Record<string, string>> = {}): Promise<LiveViewer> {
    return new Promise((done, fail) => {
      const path = '/api/v1/events';
      get({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) =>
        done(new LiveViewer(answer)),
      ).on('error', fail);
    });
  }

  get text(): string {
    return this.#text;
  }

  get messages(): Message[] {
    return messagesOf(this.#text);
  }

  close(): void {
    this.#answer.destroy();
  }
}
