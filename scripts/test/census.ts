/**
 * Loaded before every test file: counts the tests that begin, so that the runner can tell whether all were reported,
 * and ends a file that does not end by itself, with what it still holds.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** What a file says of itself when it ends. */
export interface Census {
  readonly file: string;
  /** Tests that began, subtests included; skipped ones are not among them. */
  readonly begun: number;
  /** Whether all of its tests were over: not where something called `process.exit`. */
  readonly over: boolean;
}

/** Folder that each file writes its census to, under its pid. */
export const CENSUS_ENV = 'SOAKD_TEST_CENSUS';
/** After its tests a file has this long to end, ms: long enough for the reports to be read. */
const LINGER_MS = 5000;

const folder = process.env[CENSUS_ENV];
const file = process.argv[1] ?? '';
// Threads and programs that a test starts inherit what its own process was started with.
if (folder !== undefined && isMainThread && file.endsWith('.test.ts')) await count(folder);

async function count(into: string): Promise<void> {
  const { after, beforeEach } = await import('node:test');
  let begun = 0;
  let over = false;
  beforeEach(() => {
    begun++;
  });
  after(() => {
    over = true;
    setTimeout(() => {
      const held = [...new Set(process.getActiveResourcesInfo())].join(', ');
      process.stderr.write(`${file}: its tests are over, and it still holds ${held}: close them\n`);
      process.exit(1);
    }, LINGER_MS).unref();
  });
  process.on('exit', () => {
    if (!over) {
      process.stderr.write(`${file}: ended before its tests were over\n`);
      process.exitCode = 1;
    }
    const census: Census = { file, begun, over };
    writeFileSync(join(into, String(process.pid)), JSON.stringify(census));
  });
}
