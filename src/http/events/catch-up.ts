import { SoakError } from '../../core/errors.ts';
import type { RunHistory } from '../run-history.ts';
import { viewOf } from '../views.ts';
import { message } from './message.ts';
import { afterEvent, eventsAfter, formatPosition, type Position } from './position.ts';

/** Windows that a reader can miss and still get, all runs together: an hour. Reading all again is cheaper beyond. */
const MAX_WINDOWS = 360;
/** Runs that it can have missed. */
const MAX_RUNS = 5;
const PAGE = 60;

export interface Missed {
  readonly history: Pick<RunHistory, 'list' | 'show' | 'windows'>;
  /** What the reader has. */
  readonly from: Position;
  /** What comes by itself: only what is before it is read; `undefined`: no run is known yet. */
  readonly until: Position | undefined;
  readonly send: (messages: string) => Promise<void>;
}

/**
 * Sends what a reader missed, from the history.
 * @throws SoakError if it missed too much, or the history cannot be read
 */
export async function catchUp({ history, from, until, send }: Missed): Promise<void> {
  const runs = await runsSince(history, from.run, until?.run);
  let left = MAX_WINDOWS;
  for (const run of runs) {
    const end = until?.run === run ? until : undefined;
    let position: Position = run === from.run ? from : { run, window: 0, at: 0, count: 0 };
    // The last window of a process that died has what was counted up to its last write: it comes once more.
    let next: number | null = Math.max(0, position.window - 1);
    while (next !== null && (end === undefined || next < end.window)) {
      const page: Awaited<ReturnType<RunHistory['windows']>> = await history.windows(run, {
        width: 10_000,
        from: next,
        limit: PAGE,
      });
      const windows = page.windows.filter(({ n }) => end === undefined || n < end.window);
      left -= windows.length;
      if (left < 0) throw new SoakError('USAGE', 'too much was missed');
      const messages = windows.map((window) => {
        position = { ...position, window: Math.max(position.window, window.n + 1) };
        return message('window', formatPosition(position), JSON.stringify(viewOf({ run, window })));
      });
      if (messages.length > 0) await send(messages.join(''));
      next = page.next;
    }
    const { events } = await history.show(run);
    const known = end === undefined ? 0 : eventsAfter(end, events).length;
    const missed = eventsAfter(position, events.slice(0, events.length - known));
    const messages = missed.map((event) => {
      position = afterEvent(position, event.at);
      return message('event', formatPosition(position), JSON.stringify(viewOf({ run, event })));
    });
    if (messages.length > 0) await send(messages.join(''));
  }
}

/**
 * Returns a run and those of this service that started after it, the oldest first.
 * @param current id of the current run or the previous one
 * @throws SoakError if there are too many
 */
async function runsSince(
  history: Pick<RunHistory, 'list'>,
  run: string,
  current: string | undefined,
): Promise<string[]> {
  const newest = await history.list({ limit: MAX_RUNS });
  const place = newest.findIndex(({ id }) => id === run);
  if (place < 0) throw new SoakError('RUN_UNKNOWN', 'the run is not among the latest');
  const { source } = newest[place]!;
  return newest
    .slice(0, place + 1)
    .filter((one) => one.id === run || one.id === current || (source === 'serve' && one.source === 'serve'))
    .map(({ id }) => id)
    .reverse();
}
