import { mergeWindows, WIDTH_MS, type Width, widthFor } from './windows.ts';
import type {
  FailedStream,
  LiveThreshold,
  LiveThresholds,
  OpenStream,
  RunEvent,
  RunWindow,
  Session,
  Status,
  Summary,
} from './wire.ts';

/** How the page follows the server. */
type Connection = 'connecting' | 'live' | 'polling' | 'lost';

/** Windows of the run that the view of now shows: the active one, else the previous one. */
interface ShownRun {
  readonly id: string;
  readonly width: Width;
  readonly windows: readonly RunWindow[];
  /** Whether all windows until now were read once. */
  readonly complete: boolean;
}

export interface State {
  readonly connection: Connection;
  /** When the latest answer arrived, ms since 1970; 0: none yet. */
  readonly heardMs: number;
  readonly status: Status | null;
  readonly run: ShownRun | null;
  readonly thresholds: readonly LiveThreshold[] | null;
  /** The verdict so far. */
  readonly verdict: LiveThresholds['verdict'];
  readonly silent: readonly OpenStream[];
  readonly failures: readonly FailedStream[];
  readonly session: Session | null;
  /** The last run that the history has, for a server that has had none since its start. */
  readonly kept: Summary | null;
  /** Whether the server asks for a login. */
  readonly loggedOut: boolean;
}

export const START: State = {
  connection: 'connecting',
  heardMs: 0,
  status: null,
  run: null,
  thresholds: null,
  verdict: null,
  silent: [],
  failures: [],
  session: null,
  kept: null,
  loggedOut: false,
};

/** Something that the page learned. */
export type Message =
  | { readonly kind: 'status'; readonly status: Status; readonly atMs: number }
  | { readonly kind: 'connection'; readonly connection: Connection }
  | {
      readonly kind: 'windows';
      readonly run: string;
      readonly width: Width;
      readonly windows: readonly RunWindow[];
      readonly complete?: boolean;
    }
  | { readonly kind: 'event'; readonly run: string; readonly event: RunEvent }
  | { readonly kind: 'thresholds'; readonly live: LiveThresholds | null }
  | {
      readonly kind: 'streams';
      readonly silent: readonly OpenStream[];
      readonly failures: readonly FailedStream[];
    }
  | { readonly kind: 'session'; readonly session: Session }
  | { readonly kind: 'kept'; readonly kept: Summary }
  | { readonly kind: 'logged-out' }
  | { readonly kind: 'reset' };

/** Returns the state after a message. Messages about another run than the shown one change nothing. */
export function reduce(state: State, message: Message): State {
  switch (message.kind) {
    case 'status':
      return withStatus(state, message.status, message.atMs);
    case 'connection':
      return state.connection === message.connection ? state : { ...state, connection: message.connection };
    case 'windows': {
      const { run } = state;
      if (run === null || run.id !== message.run || run.width !== message.width) return state;
      const windows = mergeWindows(run.windows, message.windows);
      return { ...state, run: { ...run, windows, complete: run.complete || message.complete === true } };
    }
    case 'event': {
      const run = state.status?.run;
      if (run == null || run.id !== message.run) return state;
      const { event } = message;
      if (run.events.some((e) => e.at === event.at && e.action === event.action)) return state;
      return { ...state, status: { ...state.status!, run: { ...run, events: [...run.events, event] } } };
    }
    case 'thresholds':
      // Those of another run came too late.
      if (message.live !== null && message.live.run !== state.status?.run?.id) return state;
      return {
        ...state,
        thresholds: message.live?.thresholds ?? null,
        verdict: message.live?.verdict ?? null,
      };
    case 'streams':
      return { ...state, silent: message.silent, failures: message.failures };
    case 'session':
      return { ...state, session: message.session, loggedOut: false };
    case 'kept': {
      const next = { ...state, kept: message.kept };
      return state.status === null ? next : withStatus(next, state.status, state.heardMs);
    }
    case 'logged-out':
      return { ...state, loggedOut: true };
    case 'reset':
      return { ...state, run: state.run && { ...state.run, windows: [], complete: false } };
  }
}

/** What a `state` event brings: the first one all, a later one only the parts that may have changed. */
export type StatusPart = Pick<Status, 'version' | 'state'> &
  Partial<Omit<Status, 'run'>> & {
    readonly run:
      | (Omit<NonNullable<Status['run']>, 'events'> & { readonly events?: readonly RunEvent[] })
      | null;
  };

/** Returns the status after a `state` event; `null`: parts are missing that no event has brought. */
export function mergedStatus(known: Status | null, part: StatusPart): Status | null {
  const before = known?.run?.id === part.run?.id ? known?.run?.events : undefined;
  const run = part.run && { ...part.run, events: part.run.events ?? before };
  const status = { ...known, ...part, run };
  const isWhole = status.targets !== undefined && (run === null || run.events !== undefined);
  return isWhole ? (status as Status) : null;
}

function withStatus(state: State, received: Status, heardMs: number): State {
  const status = { ...received, last: received.last ?? state.kept };
  const shown = status.run ?? status.last?.run ?? null;
  const next = { ...state, status, heardMs };
  if (shown === null) return { ...next, run: null };
  // A run that was extended can need wider windows; one that ended early keeps what it has.
  const durationMs = status.run?.durationMs ?? status.last!.run.lastedMs;
  const width = widthFor(durationMs);
  const { run } = state;
  const isWider = run !== null && WIDTH_MS[width] > WIDTH_MS[run.width];
  if (run?.id === shown.id && !isWider) return next;
  const cleared = run?.id === shown.id ? {} : { thresholds: null, verdict: null, silent: [], failures: [] };
  return { ...next, ...cleared, run: { id: shown.id, width, windows: [], complete: false } };
}

/** Facts about the shown run that an active and a finished run share. */
export interface RunFacts {
  readonly id: string;
  readonly scenario: string;
  readonly targets: readonly string[];
  readonly events: readonly RunEvent[];
  readonly gaps: Summary['run']['gaps'];
  readonly active: boolean;
}

/** Returns the facts about the run that the view of now shows; `null`: there is none. */
export function shownFacts({ status }: State): RunFacts | null {
  if (status === null) return null;
  const { run, last } = status;
  if (run !== null)
    return {
      id: run.id,
      scenario: run.scenario,
      targets: run.progress.targets.map(({ name }) => name),
      events: run.events,
      gaps: run.gaps,
      active: true,
    };
  if (last === null) return null;
  return {
    id: last.run.id,
    scenario: last.run.scenario,
    targets: last.targets.map(({ name }) => name),
    events: last.run.events,
    gaps: last.run.gaps,
    active: false,
  };
}

/** Returns the limits to draw: those of the live thresholds, else those of the summary of the previous run. */
export function limitsOf({
  thresholds,
  status,
}: State): readonly Pick<LiveThreshold, 'threshold' | 'target' | 'limit' | 'unit'>[] {
  return thresholds ?? (status?.run === null ? (status.last?.thresholds ?? []) : []);
}

/** Whether the reader has the role to change something; unknown is no. */
export function mayOperate({ session }: State): boolean {
  return session?.role === 'operate';
}
