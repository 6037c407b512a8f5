import { ApiError, read, readIfServed } from './api.ts';
import { type Message, mergedStatus, type State, type StatusPart } from './state.ts';
import { COLUMNS, WIDTH_MS, type Width } from './windows.ts';
import type {
  FailedStream,
  KeptRun,
  LiveThresholds,
  OpenStream,
  RunEvent,
  RunWindow,
  Session,
  Status,
  Summary,
  WindowPage,
} from './wire.ts';

/** Interval of the status without server-sent events, ms. */
const POLL_MS = 2000;
/** Interval of thresholds, streams and windows, ms; soakd evaluates thresholds as often. */
const DETAILS_MS = 5000;
/** Time after which the page tries server-sent events again, ms. */
const RETRY_MS = 30_000;
/** Silence after which the page asks whether soakd is still there, ms: a connection can be dead without an error. */
const QUIET_MS = 10_000;
/** Longest time for the status, ms. */
const STATUS_MS = 5000;
/** Windows of one answer: the most that the API allows. */
const PAGE = 1000;

/** Reads all windows of a run from a number on. @throws ApiError */
export async function readWindows(run: string, width: Width, from = 0): Promise<readonly RunWindow[]> {
  const query = new URLSearchParams({
    width,
    from: String(from),
    limit: String(PAGE),
    columns: COLUMNS.join(','),
  });
  const windows: RunWindow[] = [];
  let next: string | null = `/api/v1/runs/${encodeURIComponent(run)}/windows?${query}`;
  while (next !== null) {
    const page: WindowPage | null = await readIfServed<WindowPage>(next);
    if (page === null) break;
    windows.push(...page.windows);
    // The last window of an active run has a next page that is empty until the window ends.
    next = page.windows.length === 0 ? null : page.next;
  }
  return windows;
}

/** Follows the server by server-sent events, or by polling where it has none, and reports what it learns. */
export class Feed {
  readonly #dispatch: (message: Message) => void;
  readonly #state: () => State;
  #source: EventSource | undefined;
  #triedMs = Number.NEGATIVE_INFINITY;
  #polling = false;
  #reading = false;
  #windowsMs = 0;
  #askedKept = false;
  /** Windows that have arrived since the plots were drawn, by number. */
  #held = new Map<number, RunWindow>();
  #heldRun = '';
  /** Number of the first window that may have been missed; `undefined`: none was. */
  #missedFrom: number | undefined;

  constructor(dispatch: (message: Message) => void, state: () => State) {
    this.#dispatch = dispatch;
    this.#state = state;
  }

  start(): void {
    void this.#session();
    this.#connect();
    setInterval(() => void this.#poll(), POLL_MS);
    setInterval(() => void this.details(), DETAILS_MS);
    document.addEventListener('visibilitychange', () => void this.details());
  }

  /** Reads the status at once: after a change, so that its effect shows. */
  async refresh(): Promise<void> {
    await this.#status();
    await this.details();
  }

  /** Reads what events do not bring: windows of the past, thresholds, streams. Not while the page is hidden. */
  async details(): Promise<void> {
    if (document.hidden || this.#reading) return;
    this.#showHeld();
    this.#reading = true;
    try {
      await this.#windows();
      if (this.#state().status?.run != null) await this.#streams();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#reading = false;
    }
  }

  #connect(): void {
    this.#triedMs = Date.now();
    this.#source?.close();
    const source = new EventSource('/api/v1/events');
    this.#source = source;
    const on = <T>(name: string, handle: (data: T) => void): void =>
      source.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent<string>).data) as T));
    source.onopen = () => {
      this.#polling = false;
      this.#dispatch({ kind: 'connection', connection: 'live' });
      void this.details();
    };
    source.onerror = () => {
      this.#missed();
      // The browser connects again by itself, unless the server refused.
      if (source.readyState !== EventSource.CLOSED) {
        this.#dispatch({ kind: 'connection', connection: 'lost' });
        return;
      }
      this.#source = undefined;
      this.#polling = true;
      void this.#poll();
    };
    on<StatusPart>('state', (part) => {
      this.#dispatch({ kind: 'connection', connection: 'live' });
      const status = mergedStatus(this.#state().status, part);
      if (status === null) void this.#status();
      else this.#got(status);
    });
    on<{ run: string; window: RunWindow }>('window', ({ run, window }) => this.#window(run, window));
    on<{ run: string; event: RunEvent }>('event', ({ run, event }) =>
      this.#dispatch({ kind: 'event', run, event }),
    );
    source.addEventListener('reset', () => {
      this.#dispatch({ kind: 'reset' });
      void this.refresh();
    });
  }

  #got(status: Status): void {
    const before = this.#state().run?.id;
    this.#dispatch({ kind: 'status', status, atMs: Date.now() });
    if (this.#state().run?.id !== before) void this.details();
    if (status.last === null && status.history !== null && !this.#askedKept) {
      this.#askedKept = true;
      this.#kept().catch((error: unknown) => this.#failed(error));
    }
  }

  /** Reads the last run of the history: a server that has just started knows of none. */
  async #kept(): Promise<void> {
    const { runs } = await read<{ runs: readonly KeptRun[] }>('/api/v1/runs?limit=2');
    const last = runs.find(({ state }) => state === 'finished');
    if (last === undefined) return;
    const kept = await read<Summary>(`/api/v1/runs/${encodeURIComponent(last.id)}/summary`);
    this.#dispatch({ kind: 'kept', kept });
  }

  #window(run: string, window: RunWindow): void {
    const shown = this.#state().run;
    // Before the past is there, a window would look like the start of the run.
    if (shown === null || shown.width !== '10s' || !shown.complete) return;
    if (run !== this.#heldRun) this.#held.clear();
    this.#heldRun = run;
    this.#held.set(window.n, window);
    // The first one is waited for.
    if (shown.windows.length === 0) this.#showHeld();
  }

  /** Shows the windows that have arrived: drawing all plots each second would take most of the CPU of the page. */
  #showHeld(): void {
    if (this.#held.size === 0) return;
    const windows = [...this.#held.values()];
    this.#held.clear();
    this.#dispatch({ kind: 'windows', run: this.#heldRun, width: '10s', windows });
  }

  /** Notes that windows of now may be missing later: the next ones arrive before the history is asked for these. */
  #missed(): void {
    this.#missedFrom ??= this.#state().run?.windows.at(-1)?.n ?? 0;
  }

  async #poll(): Promise<void> {
    if (this.#polling && Date.now() - this.#triedMs > RETRY_MS) this.#connect();
    const isQuiet = Date.now() - this.#state().heardMs > QUIET_MS;
    if (this.#polling || isQuiet) await this.#status();
  }

  async #status(): Promise<void> {
    try {
      this.#got(await read<Status>('/api/v1/status', AbortSignal.timeout(STATUS_MS)));
      if (this.#polling) this.#dispatch({ kind: 'connection', connection: 'polling' });
      // It answers, but the events do not come back: an attempt to connect can hang for minutes.
      else if (this.#source?.readyState !== EventSource.OPEN && Date.now() - this.#triedMs > QUIET_MS)
        this.#connect();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Reads the windows that are missing; the last one again, since it still changes. */
  async #windows(): Promise<void> {
    const { run, status, connection } = this.#state();
    if (run === null) return;
    const active = status?.run?.id === run.id;
    const missedFrom = this.#missedFrom;
    if (missedFrom !== undefined && connection !== 'lost') {
      const from = run.complete ? missedFrom : 0;
      const windows = await readWindows(run.id, run.width, from);
      this.#dispatch({ kind: 'windows', run: run.id, width: run.width, windows, complete: true });
      // Unless the connection was lost meanwhile.
      if (this.#state().connection !== 'lost') this.#missedFrom = undefined;
      return;
    }
    if (run.complete && !active) return;
    if (run.complete && connection === 'live' && run.width === '10s') return;
    // A wider window changes slowly, and reading it costs as much.
    if (run.complete && Date.now() - this.#windowsMs < Math.min(WIDTH_MS[run.width] / 2, RETRY_MS)) return;
    this.#windowsMs = Date.now();
    const windows = await readWindows(run.id, run.width, run.complete ? (run.windows.at(-1)?.n ?? 0) : 0);
    this.#dispatch({ kind: 'windows', run: run.id, width: run.width, windows, complete: true });
  }

  async #streams(): Promise<void> {
    const [live, open, failed] = await Promise.all([
      readIfServed<LiveThresholds>('/api/v1/thresholds'),
      read<{ streams: readonly OpenStream[] }>('/api/v1/streams?state=stalled&limit=10'),
      read<{ failures: readonly FailedStream[] }>('/api/v1/failures?limit=10'),
    ]);
    this.#dispatch({ kind: 'thresholds', live });
    this.#dispatch({ kind: 'streams', silent: open.streams, failures: failed.failures });
  }

  async #session(): Promise<void> {
    try {
      const session = await readIfServed<Session>('/api/v1/session');
      // A server without the route has no login either, and checks each change by itself.
      this.#dispatch({ kind: 'session', session: session ?? { role: 'operate', loginNeeded: false } });
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) this.#dispatch({ kind: 'logged-out' });
    // Other errors are about one request.
    if (!(error instanceof ApiError) || (error.status > 0 && error.status < 500)) return;
    const isQuiet = Date.now() - this.#state().heardMs > QUIET_MS;
    // While events arrive, a single request that fails is no lost connection.
    if (this.#source?.readyState === EventSource.OPEN && !isQuiet) return;
    this.#missed();
    this.#dispatch({ kind: 'connection', connection: 'lost' });
    if (this.#source?.readyState !== EventSource.OPEN) return;
    // The connection is dead without an error: once the status answers, another one is made.
    this.#source.close();
    this.#triedMs = Number.NEGATIVE_INFINITY;
  }
}
