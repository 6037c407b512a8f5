import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutputText } from './output.ts';
import { ROOT } from './root.ts';
import { keep } from './transcripts.ts';

export interface StartOptions {
  readonly cwd?: string;
  /** Added to the environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** In a process group of its own, which `kill` can be sent to. */
  readonly group?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program under test. Everything about it goes by its own pid, never by a name. */
export class Running {
  readonly pid: number;
  readonly stdout: OutputText;
  readonly stderr: OutputText;
  #exit: Exit | undefined;
  readonly #exited: Promise<Exit>;
  readonly #name: string;
  readonly #group: boolean;

  constructor(child: ChildProcess, name: string, group: boolean) {
    this.pid = child.pid!;
    this.#name = name;
    this.#group = group;
    this.stdout = new OutputText(child.stdout!);
    this.stderr = new OutputText(child.stderr!);
    this.#exited = new Promise((done) => {
      // `close` and not `exit`: what it printed last has been read by then.
      child.on('close', (code, signal) => {
        this.#exit = { code, signal };
        keep(name, this.output);
        running.delete(this);
        done(this.#exit);
      });
    });
    running.add(this);
  }

  /** Undefined while it runs. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  /** Both streams, for messages. */
  get output(): string {
    return `--- stdout of ${this.#name}\n${this.stdout.text}\n--- stderr\n${this.stderr.text}`;
  }

  /** Waits for a line of either stream; one that was printed before the call counts too. */
  async line(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpMatchArray> {
    const waiting = new AbortController();
    try {
      return await this.#within(
        timeoutMs,
        `line ${pattern}`,
        Promise.race([
          this.stdout.line(pattern, waiting.signal),
          this.stderr.line(pattern, waiting.signal),
          this.#exited.then(({ code, signal }) => {
            throw new Error(
              `${this.#name} ended (${signal ?? code}) without a line ${pattern}\n${this.output}`,
            );
          }),
        ]),
      );
    } finally {
      waiting.abort();
    }
  }

  /** Waits for its end. */
  ended(timeoutMs = 60_000): Promise<Exit> {
    return this.#within(timeoutMs, 'end', this.#exited);
  }

  /** @param to the process, or its whole group as a terminal does on Ctrl-C */
  kill(signal: NodeJS.Signals, to: 'process' | 'group' = 'process'): void {
    if (to === 'group' && !this.#group) throw new Error(`${this.#name} was not started as a group`);
    try {
      process.kill(to === 'group' ? -this.pid : this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  /** Ends it: TERM, and KILL if that does not help in time. Does nothing where it has ended. */
  async stop(timeoutMs = 30_000): Promise<Exit> {
    if (this.#exit === undefined) this.kill('SIGTERM');
    try {
      return await this.ended(timeoutMs);
    } catch {
      this.killAll();
      return this.ended();
    }
  }

  /** The last resort. */
  killAll(): void {
    this.kill('SIGKILL', this.#group ? 'group' : 'process');
  }

  async #within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(
        () => fail(new Error(`${this.#name}: no ${what} within ${timeoutMs} ms\n${this.output}`)),
        timeoutMs,
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What still runs must not outlive the test file, also when the runner ends that for taking too long. */
const running = new Set<Running>();
process.on('exit', () => {
  for (const program of running) program.killAll();
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(1));

let made: string | undefined;
/** A folder for the history of runs without a configuration file: tests leave nothing in the user's own. */
function stateHome(): string {
  if (made === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'soakd-state-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    made = folder;
  }
  return made;
}

/** Starts a program with no standard input. */
export function start(command: string, args: readonly string[], options: StartOptions = {}): Running {
  const group = options.group ?? false;
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: { ...cleanEnv(), XDG_STATE_HOME: stateHome(), ...options.env },
    detached: group,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (child.pid === undefined) {
    child.on('error', () => {});
    throw new Error(`cannot start ${command}: is it installed?`);
  }
  return new Running(child, [command, ...args].join(' '), group);
}

/** Starts soakd's command line under the Node that the tests run under, without npm and bootstrap. */
export function soakd(args: readonly string[], options: StartOptions = {}): Running {
  const main = join(ROOT, 'src/cli/main.ts');
  // As scripts/bootstrap.mjs starts it.
  const flags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];
  const env = { MALLOC_ARENA_MAX: '2', ...options.env };
  return start(process.execPath, [...flags, main, ...args], { ...options, env });
}

/** The environment less what npm, the test runner and GitHub put there, which would change how a child behaves. */
function cleanEnv(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|NODE_TEST_CONTEXT$|NODE_OPTIONS$|NODE_CHANNEL_|GITHUB_)/.test(name),
    ),
  );
}

/** @returns whether a process runs; one that has ended and that nobody has asked about yet does not */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // No /proc, or it has just gone.
    return process.platform !== 'linux';
  }
}
