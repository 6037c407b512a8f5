import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { scoreVariance } from '../../src/drift/mann-kendall.ts';
import { type Line, theilSen } from '../../src/drift/theil-sen.ts';
import { DATABASE } from '../../src/history/folder.ts';

/** What is read of soakd once a minute. */
export interface Minute {
  /** ms since 1970. */
  readonly at: number;
  /** Resident memory of the process; `null` while it does not run. */
  readonly rssBytes: number | null;
  /** Size of the database with its write-ahead log. */
  readonly databaseBytes: number;
}

/** @param pid absent: soakd does not run */
export function readMinute(pid: number | undefined, data: string): Minute {
  return { at: Date.now(), rssBytes: rssOf(pid), databaseBytes: databaseBytes(data) };
}

function rssOf(pid: number | undefined): number | null {
  if (pid === undefined) return null;
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return kib === undefined ? null : Number(kib) * 1024;
}

function databaseBytes(data: string): number {
  return ['', '-wal'].reduce(
    (sum, end) => sum + (statSync(join(data, DATABASE + end), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/**
 * Returns the slope of the memory in MiB an hour (Theil–Sen, 95 % interval), over the readings from a time on;
 * `undefined`: fewer than three readings. Readings of consecutive minutes are not independent, so the interval is, if
 * anything, too narrow.
 */
export function memorySlope(minutes: readonly Minute[], fromAt: number): Line | undefined {
  const read = minutes.filter(({ at, rssBytes }) => at >= fromAt && rssBytes !== null);
  if (read.length < 3) return undefined;
  const values = read.map(({ rssBytes }) => rssBytes! / 2 ** 20);
  return theilSen(
    read.map(({ at }) => at / 3_600_000),
    values,
    scoreVariance(values),
  );
}
