import type { DatabaseSync } from 'node:sqlite';
import { WINDOW_WIDTHS_MS } from './records.ts';

const [SMALLEST] = WINDOW_WIDTHS_MS;

/** What a history keeps. */
export interface Retention {
  /** Age at which a run is deleted, ms after its end. */
  readonly maxAgeMs: number;
  /** Size of the database above which the oldest runs are deleted, bytes. */
  readonly maxBytes: number;
}

/** Runs that are deleted in one step, so that a step takes little time. */
const STEP = 5;

/**
 * Deletes the oldest finished runs that are too old, or above the size; pinned runs stay.
 * @param now calendar time, ms since 1970
 * @returns the ids of the deleted runs; at most {@link STEP}, so call it again where there are any
 */
export function prune(db: DatabaseSync, { maxAgeMs, maxBytes }: Retention, now: number): string[] {
  const oldest = db
    .prepare(
      "SELECT run, ended_at FROM runs WHERE state = 'finished' AND pinned = 0 ORDER BY ended_at LIMIT ?",
    )
    .all(STEP) as { run: string; ended_at: number }[];
  const isLarge = usedBytes(db) > maxBytes;
  // Above the size one run at a time: the next one may not be needed.
  const due = oldest.filter((row, i) => row.ended_at < now - maxAgeMs || (isLarge && i === 0));
  for (const { run } of due) db.prepare('DELETE FROM runs WHERE run = ?').run(run);
  if (due.length > 0) {
    db.exec('DELETE FROM layouts WHERE id NOT IN (SELECT layout FROM runs)');
    db.exec('PRAGMA incremental_vacuum');
  }
  return due.map(({ run }) => run);
}

/** Windows of 10 s that a run keeps in any case: the last hour. */
const KEPT_WINDOWS = 360;

/**
 * Deletes the oldest tenth of the windows of 10 s of the run that has most of them, where the database is still too large: a run
 * of weeks, or pinned runs. Their sums over 1 and 10 minutes stay.
 * @returns the id of the run; `undefined`: nothing was deleted. Call it again where something was
 */
export function thinWindows(db: DatabaseSync, { maxBytes }: Pick<Retention, 'maxBytes'>): string | undefined {
  if (usedBytes(db) <= maxBytes) return undefined;
  const most = db
    .prepare(
      `SELECT run, min(n) AS first, max(n) AS last FROM generator_windows WHERE width = ${SMALLEST}
       GROUP BY run ORDER BY count(*) DESC LIMIT 1`,
    )
    .get() as { run: number; first: number; last: number } | undefined;
  if (most === undefined) return undefined;
  const { run, first, last } = most;
  const until = Math.min(first + Math.ceil((last - first) / 10), last - KEPT_WINDOWS);
  if (until <= first) return undefined;
  for (const table of ['windows', 'generator_windows'])
    db.prepare(`DELETE FROM ${table} WHERE run = ? AND width = ${SMALLEST} AND n < ?`).run(run, until);
  db.exec('PRAGMA incremental_vacuum');
  return db.prepare('SELECT run FROM runs WHERE id = ?').get(run)?.run as string | undefined;
}

/** Returns the size of the parts of the database that are in use, bytes. */
function usedBytes(db: DatabaseSync): number {
  const number = (name: string): number => Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0] as number;
  return (number('page_count') - number('freelist_count')) * number('page_size');
}
