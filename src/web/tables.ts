import { type ComponentChildren, h, type ComponentChild as View } from 'preact';
import { localTimes, momentText } from './times.ts';
import type { RunEvent } from './wire.ts';

/** A column of a table. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => ComponentChildren;
  /** Numbers stand at the right. */
  readonly number?: boolean;
}

/** A table that scrolls sideways by itself where it is wider than the page. */
export function Table<T>({
  caption,
  columns,
  rows,
  id,
}: {
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly id: (row: T) => string;
}): View {
  return h(
    'div',
    { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      null,
      h('caption', { class: 'unseen' }, caption),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map(({ head, number }) =>
            h('th', { key: head, scope: 'col', class: number === true ? 'number' : '' }, head),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map((row) =>
          h(
            'tr',
            { key: id(row) },
            columns.map(({ head, cell, number }) =>
              h('td', { key: head, class: number === true ? 'number' : '' }, cell(row)),
            ),
          ),
        ),
      ),
    ),
  );
}

/** A time in the zone of the reader. */
export function Time({ at }: { readonly at: string }): View {
  return h('time', { dateTime: at, title: new Date(at).toString() }, momentText(at, Date.now()));
}

/** Events of a run, the latest first: who did what. */
export function Events({
  events,
  limit = 12,
}: {
  readonly events: readonly RunEvent[];
  readonly limit?: number;
}): View {
  const [shown, rest] = [events.slice(-limit).toReversed(), Math.max(0, events.length - limit)];
  return h(
    'section',
    { 'aria-labelledby': 'events' },
    h('h2', { id: 'events' }, 'Who did what'),
    shown.length === 0
      ? h('p', { class: 'muted' }, 'No events yet.')
      : h(Table<RunEvent>, {
          caption: 'Events of the run, the latest first',
          columns: [
            { head: 'Time', cell: ({ at }) => h(Time, { at }) },
            { head: 'Event', cell: ({ action }) => action },
            { head: 'By', cell: ({ by }) => by },
            { head: 'Effect', cell: ({ detail }) => localTimes(detail, Date.now()) },
          ],
          rows: shown,
          id: (e) => `${e.at} ${e.action}`,
        }),
    rest > 0 && h('p', { class: 'muted' }, `and ${rest} earlier`),
  );
}
