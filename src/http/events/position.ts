/**
 * Position of a reader in the events of soakd: what it has. It goes to the client as the `id` of each message, and comes
 * back as `Last-Event-ID`, to this process or to a later one.
 */
export interface Position {
  /** Id of a run. */
  readonly run: string;
  /** Number of the first window of the run that the reader does not have in its final form. */
  readonly window: number;
  /** Calendar time of the latest event, ms since 1970, and how many events of this time the reader has. */
  readonly at: number;
  readonly count: number;
}

/** Longest accepted id, characters. */
const MAX_ID = 200;

export function formatPosition({ run, window, at, count }: Position): string {
  return `${run}:${window}:${at}:${count}`;
}

/** Returns the position of an id; `undefined` for another text. */
export function parsePosition(id: string): Position | undefined {
  if (id.length > MAX_ID) return undefined;
  const [, run, ...numbers] = /^([\w.-]+):(\d{1,12}):(\d{1,15}):(\d{1,9})$/.exec(id) ?? [];
  if (run === undefined) return undefined;
  const [window, at, count] = numbers.map(Number) as [number, number, number];
  return { run, window, at, count };
}

/** Returns the position after one more event of its run. */
export function afterEvent(position: Position, at: number): Position {
  return { ...position, at, count: at === position.at ? position.count + 1 : 1 };
}

/**
 * Returns the events of a run that come after a position.
 * @param events all events of the run, the oldest first
 */
export function eventsAfter<E extends { readonly at: number }>(
  { at, count }: Pick<Position, 'at' | 'count'>,
  events: readonly E[],
): E[] {
  let seen = 0;
  return events.filter((event) => event.at > at || (event.at === at && ++seen > count));
}
