import { randomBytes } from 'node:crypto';
import { StreamView } from '../../catalog/slots.ts';
import type { RunEvent } from '../../core/control.ts';
import type { Run } from '../../core/run.ts';
import type { CutWindow } from '../../history/window-cutter.ts';
import { cutRow } from '../../history/window-row.ts';
import type { Sink } from '../../sink/sink.ts';
import { Bounded } from '../bounded.ts';
import type { RunHistory } from '../run-history.ts';
import type { Status } from '../status.ts';
import { viewOf } from '../views.ts';
import { catchUp } from './catch-up.ts';
import { message } from './message.ts';
import { afterEvent, formatPosition, type Position, parsePosition } from './position.ts';
import { RecentMessages } from './recent-messages.ts';
import { StateMessages } from './state-messages.ts';
import type { Viewer } from './viewer.ts';

/** Interval of `state` messages, and of those about the open window, ms. */
const INTERVAL_MS = 1000;
/** A message this much earlier is in time: timers are not exact. */
const EARLY_MS = 100;
/** Longest time without a message, ms: proxies close connections that are silent, often after a minute. */
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = Buffer.from(': soakd is there\n\n');
/** Readers that catch up and wait for a read: the thread of the history writes between two reads. */
const MAX_WAITING = 100;
/** Time after which a client is to connect again, ms. */
const RETRY = Buffer.from('retry: 3000\n\n');

export interface FeedOptions {
  readonly status: () => Status;
  /** History to resume from; `undefined`: none is kept. */
  readonly history: () => RunHistory | undefined;
  readonly nowMs?: () => number;
}

/** The state, the windows and the events of runs for all viewers: each message is made once, whatever their number. */
export class EventFeed implements Sink {
  readonly #options: FeedOptions;
  readonly #nowMs: () => number;
  readonly #viewers = new Set<Viewer>();
  readonly #states = new StateMessages();
  readonly #recent: RecentMessages;
  readonly #turns = new Bounded(1, MAX_WAITING);
  #position: Position | undefined;
  /** A run that has started, until its first window is known. */
  #starting: { readonly run: Run; readonly events: readonly RunEvent[] } | undefined;
  /** Id of the position: of a process that has had no run it names the process, so that no other one takes it for its own. */
  #id = `none:${randomBytes(6).toString('hex')}`;
  /** Messages for the end of this turn of the event loop: one write for each viewer. */
  #outbox: string[] = [];
  /** What a new viewer gets first: the whole state as of the last comparison. */
  #whole: (() => string) | undefined;
  /** The open window of the current run. */
  #open: { readonly window: CutWindow; isSent: boolean } | undefined;
  #stateMs = Number.NEGATIVE_INFINITY;
  #windowMs = Number.NEGATIVE_INFINITY;
  #sentMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#recent = new RecentMessages(this.#id);
  }

  /** Open streams of events. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * Adds a viewer: it gets the state, what it missed since `lastId`, and all that comes.
   * @param lastId id of the last message that it has; absent: it has none
   */
  open(viewer: Viewer, lastId?: string): void {
    if (this.#isClosed) {
      viewer.end();
      return;
    }
    if (this.#whole === undefined || this.#isStateDue) this.#refresh();
    this.#flush();
    this.#viewers.add(viewer);
    if (this.#timer === undefined) this.#sentMs = this.#nowMs();
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS).unref();
    const missed = lastId === undefined ? { messages: '' } : this.#missed(lastId);
    // Until it has what it missed, a reader that loses its connection again starts from where it was.
    const id = 'reset' in missed ? this.#id : (lastId ?? this.#id);
    viewer.send(Buffer.concat([RETRY, Buffer.from(message('state', id, this.#whole!()))]));
    if ('reset' in missed) viewer.send(this.#reset());
    else if ('from' in missed) this.#resume(viewer, missed);
    else if (missed.messages !== '') viewer.send(Buffer.from(missed.messages));
    if (this.#open?.isSent === true) viewer.send(Buffer.from(this.#windowMessage(this.#open.window)));
  }

  /** Removes a viewer whose connection is gone. */
  leave(viewer: Viewer): void {
    viewer.closed();
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ends all streams; nobody can open one any more. */
  close(): void {
    this.#isClosed = true;
    this.#flush();
    for (const viewer of this.#viewers) {
      viewer.end();
      this.leave(viewer);
    }
  }

  /** Ends the streams of viewers whose token or session is not valid any more. */
  check(): void {
    for (const viewer of this.#viewers) {
      if (viewer.isAllowed) continue;
      viewer.end();
      this.leave(viewer);
    }
  }

  /** Notes a window of the current run. */
  cut(window: CutWindow): void {
    const { run, n, isClosed } = window;
    this.#begin(n);
    if (isClosed) {
      this.#open = undefined;
      this.#move({ ...this.#in(run), window: n + 1 });
      this.#keep(this.#windowMessage(window));
      return;
    }
    const isDue = this.#nowMs() - this.#windowMs >= INTERVAL_MS - EARLY_MS;
    if (!isDue || this.#viewers.size === 0) {
      this.#open = { window, isSent: this.#open?.isSent === true && this.#open.window.n === n };
      return;
    }
    this.#windowMs = this.#nowMs();
    this.#open = { window, isSent: true };
    this.#put(this.#windowMessage(window));
  }

  start(run: Run): void {
    // A resumed run adds its gap; the events before it were sent by an earlier process.
    this.#starting = { run, events: run.events.slice(run.gaps.length === 0 ? 0 : -1) };
  }

  event({ id }: Run, event: RunEvent): void {
    this.#begin(0);
    this.#note(id, event);
    this.#changed();
  }

  add(): void {
    this.#begin(0);
    this.#changed();
  }

  stop(): void {
    this.#open = undefined;
  }

  /** Sends the first events of a run that has started. @param window number of its first window here */
  #begin(window: number): void {
    const starting = this.#starting;
    if (starting === undefined) return;
    this.#starting = undefined;
    const { run, events } = starting;
    this.#position = { run: run.id, window, at: 0, count: 0 };
    for (const event of events) this.#note(run.id, event);
  }

  #note(run: string, event: RunEvent): void {
    this.#move(afterEvent(this.#in(run), event.at));
    this.#keep(message('event', this.#id, JSON.stringify(viewOf({ run, event }))));
  }

  /** Returns the position of a reader that has everything of a run so far. */
  #in(run: string): Position {
    return this.#position?.run === run ? this.#position : { run, window: 0, at: 0, count: 0 };
  }

  #move(position: Position): void {
    this.#position = position;
    this.#id = formatPosition(position);
  }

  #windowMessage(window: CutWindow): string {
    const { run, layout, values } = window;
    const row = cutRow(window, new StreamView(layout, values));
    return message('window', this.#id, JSON.stringify(viewOf({ run, window: row })));
  }

  /** Sends a message that a reader must not miss. */
  #keep(text: string): void {
    this.#recent.add(this.#id, text);
    this.#put(text);
  }

  #put(text: string): void {
    if (this.#viewers.size === 0) return;
    if (this.#outbox.length === 0) setImmediate(() => this.#flush());
    this.#outbox.push(text);
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    const messages = Buffer.from(this.#outbox.join(''));
    this.#outbox = [];
    this.#sendAll(messages);
  }

  #sendAll(messages: Buffer): void {
    this.#sentMs = this.#nowMs();
    for (const viewer of this.#viewers) {
      viewer.send(messages);
      if (viewer.isClosed) this.leave(viewer);
    }
  }

  /** Sends the state if it is time for it; else the timer does. */
  #changed(): void {
    if (this.#viewers.size > 0 && this.#isStateDue) this.#refresh();
  }

  get #isStateDue(): boolean {
    return this.#nowMs() - this.#stateMs >= INTERVAL_MS - EARLY_MS;
  }

  /** Compares the state with the one before, and sends what has changed. */
  #refresh(): void {
    this.#stateMs = this.#nowMs();
    const { changed, whole } = this.#states.next(this.#options.status());
    this.#whole = whole;
    if (changed !== undefined) this.#put(message('state', this.#id, changed));
  }

  #tick(): void {
    this.check();
    this.#changed();
    if (this.#outbox.length === 0 && this.#nowMs() - this.#sentMs >= HEARTBEAT_MS) this.#sendAll(HEARTBEAT);
  }

  /** Returns what a reader missed: messages, or the position from which the history has it; `reset`: nobody knows. */
  #missed(lastId: string): { readonly messages: string } | { readonly reset: true } | Resume {
    if (lastId === this.#id) return { messages: '' };
    const messages = this.#recent.after(lastId);
    if (messages !== undefined) return { messages };
    const from = parsePosition(lastId);
    const history = this.#options.history();
    // What cannot be written is not in the history.
    const isFailing = this.#options.status().history?.failing !== null;
    return from === undefined || history === undefined || isFailing ? { reset: true } : { history, from };
  }

  #resume(viewer: Viewer, { history, from }: Resume): void {
    viewer.hold();
    const turns = this.#turns;
    const missed = catchUp({
      history: {
        list: (query) => turns.run(() => history.list(query)),
        show: (run) => turns.run(() => history.show(run)),
        windows: (run, query) => turns.run(() => history.windows(run, query)),
      },
      from,
      until: this.#position,
      send: (text) => viewer.sendFirst(Buffer.from(text)),
    });
    // A reader that missed too much, or a history that cannot be read.
    void missed.catch(() => viewer.sendFirst(this.#reset())).finally(() => viewer.release());
  }

  #reset(): Buffer {
    return Buffer.from(message('reset', this.#id, '{}'));
  }
}

interface Resume {
  readonly history: RunHistory;
  readonly from: Position;
}
