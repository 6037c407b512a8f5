/**
 * Loaded before every test file. Writes the pid of the file for the runner, and ends a file whose tests are over and
 * that does not end by itself, with a note of the handles that keep it.
 */
import { appendFileSync } from 'node:fs';

/** Path of the note a test file leaves for the runner: its pid, and below it the open handles it was ended with. */
export const NOTE_ENV = 'SOAKD_TEST_NOTE';
/** Time a file has to end after its tests. */
const MAX_LINGER_MS = 5000;

async function watchEnd(note: string): Promise<void> {
  const { after, beforeEach } = await import('node:test');
  const open = new OpenHandles();
  let linger: NodeJS.Timeout | undefined;
  appendFileSync(note, `${process.pid}\n`);
  after(() => {
    linger = setTimeout(() => {
      appendFileSync(note, String(open));
      process.exit(1);
    }, MAX_LINGER_MS).unref();
  });
  // A test registered late, after a top-level await.
  beforeEach(() => clearTimeout(linger));
}

/** Handles opened since it was made. */
class OpenHandles {
  readonly #before: ReadonlyMap<string, number>;
  #workers = 0;

  constructor() {
    // Reading them opens them.
    void [process.stdout, process.stderr];
    this.#before = this.#count();
    // Worker threads are the kind of handle that process.getActiveResourcesInfo() leaves out.
    process.on('worker', (worker) => {
      this.#workers++;
      worker.once('exit', () => this.#workers--);
    });
  }

  #count(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (this.#workers > 0) counts.set('Worker', this.#workers);
    return counts;
  }

  /** @returns such as `2 TCPServerWrap, 1 Timeout` */
  toString(): string {
    const opened = [...this.#count()]
      .map(([kind, count]) => [count - (this.#before.get(kind) ?? 0), kind] as const)
      .filter(([count]) => count > 0)
      .map((pair) => pair.join(' '));
    return opened.join(', ') || 'unknown';
  }
}

const note = process.env[NOTE_ENV];
// Threads and programs that a test starts get the same preload, and are no test files.
delete process.env[NOTE_ENV];
if (note !== undefined) await watchEnd(note);
