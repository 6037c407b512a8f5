import { existsSync, readFileSync } from 'node:fs';
import { run } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NOTE_ENV } from './preload.ts';

const PRELOAD_URL = new URL('./preload.ts', import.meta.url).href;
/** Timeouts of a test that a file may report nothing for: a test reports within one, and then its hooks run. */
const MAX_SILENCE = 1.25;
/** Time a file has to end on SIGTERM, before SIGKILL. */
const MAX_TERM_MS = 5000;

export interface FileOptions {
  readonly root: string;
  /** Path that the preload writes to. */
  readonly note: string;
  readonly testTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Only tests of a name that matches. */
  readonly name?: RegExp;
}

/** What is read of node:test's events, each of which has some of it. */
export interface Event {
  readonly type: string;
  readonly data: {
    readonly nesting?: number;
    readonly message?: string;
    readonly level?: string;
    readonly skip?: string | boolean;
    readonly file?: string;
    readonly name?: string;
    readonly success?: boolean;
    readonly counts?: { readonly tests: number };
    readonly details?: { readonly type?: string };
  };
}

export interface FileRun {
  readonly file: string;
  readonly events: readonly Event[];
  /** Why its reports cannot be relied on. */
  readonly issue: string | undefined;
}

/** Runs one file in a process of its own. */
export async function runFile(
  file: string,
  { root, note, testTimeoutMs, signal, name }: FileOptions,
): Promise<FileRun> {
  // node:test limits each test, and not the file: a blocked loop or an import that never ends would stay.
  const hung = new AbortController();
  const silenceMs = testTimeoutMs * MAX_SILENCE;
  const silent = `no report for ${silenceMs / 1000} s; killed`;
  const silence = setTimeout(() => hung.abort(new Error(silent)), silenceMs);
  const stream = run({
    cwd: root,
    files: [file],
    concurrency: 1,
    timeout: testTimeoutMs,
    signal: AbortSignal.any([signal, hung.signal]),
    env: { ...process.env, [NOTE_ENV]: note },
    // Not --test-force-exit: it ends a file before its reports are read.
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', PRELOAD_URL],
    ...(name === undefined ? {} : { testNamePatterns: name }),
  });
  const events: Event[] = [];
  for await (const event of stream as AsyncIterable<Event>) {
    if (event.type !== 'test:stdout' && event.type !== 'test:stderr') silence.refresh();
    events.push(event);
  }
  clearTimeout(silence);
  const [pid, handles] = existsSync(note) ? readFileSync(note, 'utf8').split('\n') : [];
  if (!hung.signal.aborted) return { file, events, issue: issueOf(file, events, handles) };
  await kill(Number(pid));
  return { file, events, issue: silent };
}

/** @returns what is wrong where a file did not report all of its tests, or did not end after them */
function issueOf(file: string, events: readonly Event[], handles: string | undefined): string | undefined {
  if (handles) return `all tests reported, but handles are open: ${handles}; close them`;
  const reported = events.filter(
    ({ type, data }) =>
      (type === 'test:pass' || type === 'test:fail') &&
      data.details?.type === 'test' &&
      // node:test reports a file that failed as a test of its name.
      !(data.nesting === 0 && data.name === file),
  ).length;
  const own = events.find(({ type, data }) => type === 'test:summary' && data.file !== undefined);
  if (own === undefined) return `ended before its tests were over; ${reported} tests reported`;
  const tests = own.data.counts?.tests ?? 0;
  return reported === tests ? undefined : `${reported} of ${tests} tests reported`;
}

/** Waits for the end of a process that was sent SIGTERM, and sends SIGKILL where that does not help. */
async function kill(pid: number): Promise<void> {
  const endMs = performance.now() + MAX_TERM_MS;
  try {
    for (;;) {
      process.kill(pid, performance.now() < endMs ? 0 : 'SIGKILL');
      await sleep(100);
    }
  } catch {
    // The process has ended.
  }
}
