import { iso } from '../core/clock.ts';
import type { Run } from '../core/run.ts';
import type { StreamResult } from '../core/stream-result.ts';
import type { Status } from './status.ts';

/** Key of a calendar time: ms since 1970 inside soakd, ISO 8601 in UTC in the API. */
type TimeKey = 'at' | `${string}At`;
const TIME_KEY = /^at$|At$/;

/** Keys that the API leaves out: monotonic time means nothing outside the process. */
const INTERNAL_KEYS = ['startMs', 'drainedByMs'] as const;
type InternalKey = (typeof INTERNAL_KEYS)[number];

/** Record in the form of the API. */
export type View<T> = T extends readonly unknown[]
  ? { readonly [I in keyof T]: View<T[I]> }
  : T extends object
    ? { [K in keyof T as K extends InternalKey ? never : K]: K extends TimeKey ? TimeView<T[K]> : View<T[K]> }
    : T;
type TimeView<T> = T extends number ? string : T;

export type RunView = View<Run>;
export type StreamResultView = View<StreamResult>;
/** Response of `GET /api/v1/status`. */
export type StatusView = View<Omit<Status, 'last'>> & Pick<Status, 'last'>;

/** Returns a copy of a record with times as ISO 8601 at any depth; times that are text already stay. */
export function viewOf<T>(record: T): View<T> {
  return shown(record) as View<T>;
}

/** Summaries do not change, and that of a run with 50 targets takes 0.2 s of the main thread; the page asks every two seconds. */
const summaryViews = new WeakMap<object, unknown>();

/** Returns the view of the status; its summary keeps the type `Summary`. */
export function statusView(status: Status): StatusView {
  const { last } = status;
  if (last !== null && !summaryViews.has(last)) summaryViews.set(last, shown(last));
  const view = shown({ ...status, last: null }) as StatusView;
  return { ...view, last: last && (summaryViews.get(last) as Status['last']) };
}

function shown(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !(INTERNAL_KEYS as readonly string[]).includes(key))
      .map(([key, inner]) => [
        key,
        typeof inner === 'number' && TIME_KEY.test(key) ? iso(inner) : shown(inner),
      ]),
  );
}
