import type { DialOptions } from '../dial.ts';
import { SharedConnection } from './shared-connection.ts';
import { SharedSession } from './shared-session.ts';
import type { SharedStream, StreamSeat } from './shared-stream.ts';

/** The sessions that the virtual users of one engine thread share, to one target. */
export class SessionPool {
  readonly #streams: number;
  readonly #sessions = new Set<SharedSession>();
  readonly #places = new Set<StreamSeat>();
  /** Where the last stream went: mostly the next has room there, too. */
  #last: SharedSession | undefined;

  /** @param streams most on one connection, at least 1 */
  constructor(streams: number) {
    this.#streams = streams;
  }

  /** A place for one stream at a time. The sessions are closed when the last place is destroyed. */
  connection(dial: DialOptions): SharedConnection {
    const pool = this;
    const place = new SharedConnection({
      get hasRoom() {
        return pool.#roomy() !== undefined;
      },
      carry: (stream) => this.#carry(stream, dial),
      left: (seat) => this.#left(seat),
    });
    this.#places.add(place);
    return place;
  }

  /** The stream is on a session then, or waits for one that is dialled. */
  #carry(stream: SharedStream, dial: DialOptions): void {
    if (stream.request.last) {
      const session = this.#open(1, dial);
      session.carry(stream);
      session.retire();
      return;
    }
    this.#last = this.#roomy() ?? this.#open(this.#streams, dial);
    this.#last.carry(stream);
  }

  #roomy(): SharedSession | undefined {
    if (this.#last?.hasRoom === true) return this.#last;
    for (const session of this.#sessions) if (session.hasRoom) return session;
    return undefined;
  }

  #open(streams: number, dial: DialOptions): SharedSession {
    const session = new SharedSession({
      dial,
      streams,
      move: (stream) => this.#carry(stream, dial),
      retired: () => {
        this.#sessions.delete(session);
      },
    });
    this.#sessions.add(session);
    return session;
  }

  #left(seat: StreamSeat): void {
    this.#places.delete(seat);
    if (this.#places.size > 0) return;
    for (const session of this.#sessions) session.destroy();
    this.#sessions.clear();
    this.#last = undefined;
  }
}
