import type { Status } from '../status.ts';
import { type StatusView, statusView } from '../views.ts';

/** Keys of a status that seldom change, and that messages leave out while they do not. */
const SELDOM = ['last', 'scenarios', 'schedules', 'history', 'targets'] as const;

/** Key under which the events of the run are compared. */
const EVENTS = 'run.events';

/** The data of a `state` message. */
export interface StateData {
  /** Without what has not changed since the previous one; `undefined`: nothing has. */
  readonly changed: string | undefined;
  /** The whole status, made when it is needed. */
  readonly whole: () => string;
}

/**
 * Makes `state` messages. The summary of the previous run can have 500 KB, and a run 200 events: with each message of
 * each second they would be most of the traffic.
 */
export class StateMessages {
  readonly #json = new WeakMap<object, string>();
  #before = new Map<string, string>();

  /** Compares a status with the one before. */
  next(status: Status): StateData {
    const view = statusView(status);
    const parts = this.#parts(view);
    const before = this.#before;
    this.#before = parts;
    const isSame = parts.size === before.size && [...parts].every(([key, json]) => before.get(key) === json);
    let whole: string | undefined;
    return {
      changed: isSame ? undefined : changedPart(view, parts, before),
      whole: () => {
        whole ??= objectOf([...parts].filter(([key]) => key !== EVENTS));
        return whole;
      },
    };
  }

  /** Returns the JSON of each top-level key, and of the events of the run. */
  #parts(view: StatusView): Map<string, string> {
    const parts = new Map<string, string>();
    for (const [key, value] of Object.entries(view))
      parts.set(key, key === 'last' ? this.#summary(value) : JSON.stringify(value));
    if (view.run !== null) parts.set(EVENTS, `${view.run.id} ${JSON.stringify(view.run.events)}`);
    return parts;
  }

  /** Returns the JSON of a summary; its view is the same object each time. */
  #summary(view: unknown): string {
    if (typeof view !== 'object' || view === null) return 'null';
    const json = this.#json.get(view) ?? JSON.stringify(view);
    this.#json.set(view, json);
    return json;
  }
}

function changedPart(
  { run }: StatusView,
  parts: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): string {
  const changed = [...parts].filter(
    ([key, json]) =>
      key !== EVENTS && (!(SELDOM as readonly string[]).includes(key) || before.get(key) !== json),
  );
  if (run === null || before.get(EVENTS) !== parts.get(EVENTS)) return objectOf(changed);
  const { events: _, ...rest } = run;
  return objectOf(changed.map(([key, json]) => [key, key === 'run' ? JSON.stringify(rest) : json]));
}

function objectOf(parts: readonly (readonly [key: string, json: string])[]): string {
  return `{${parts.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}
