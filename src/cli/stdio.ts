import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';

/** Most that waits for a reader, bytes; pieces beyond it are dropped. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** Longest pause between two attempts to write to a full pipe, ms. */
const MAX_RETRY_MS = 100;

/** Failures that a later attempt may not have: a pipe is full, or the call was interrupted. */
const RETRIED: ReadonlySet<string | undefined> = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINTR']);

/** What becomes of output that could not be written. */
interface OutputHealth {
  /** Pieces (log lines, mostly) that were dropped so far. */
  readonly dropped: number;
  /** Code of the last failure, such as `ENOSPC`, until output works again. */
  readonly failing: string | undefined;
}

/** Arguments of `write` after the piece: an encoding, and what is called once it is written. */
type WriteRest = readonly (BufferEncoding | ((error?: Error | null) => void) | undefined)[];

/** Writes to a descriptor without waiting. @returns bytes written @throws ErrnoException */
type WriteNow = (bytes: Buffer) => number;

/**
 * Standard output or standard error of soakd. Nothing that happens to it ends the process: pieces that cannot be written
 * (EPIPE, ENOSPC, EIO, …) are dropped and counted. It never blocks: a pipe or terminal that nobody reads fills a queue of
 * 1 MiB, and pieces beyond that are dropped too.
 *
 * Node's own streams do neither: they block on terminals and files, and the first failure destroys them.
 */
export class Output extends Writable implements OutputHealth {
  readonly fd: number;
  readonly isTTY: boolean;
  readonly #writeNow: WriteNow;
  readonly #size: () => { readonly columns?: number; readonly rows?: number };
  #dropped = 0;
  #failing: string | undefined;
  /** Whether the last piece was cut in the middle of a line. */
  #isCut = false;
  /** Pieces dropped since output worked last. */
  #lost = 0;
  #worksAgain: ((dropped: number) => void) | undefined;

  constructor(
    fd: number,
    isTTY: boolean,
    writeNow: WriteNow,
    size: () => { readonly columns?: number; readonly rows?: number },
  ) {
    super({ decodeStrings: true });
    this.fd = fd;
    this.isTTY = isTTY;
    this.#writeNow = writeNow;
    this.#size = size;
  }

  get columns(): number | undefined {
    return this.#size().columns;
  }

  get rows(): number | undefined {
    return this.#size().rows;
  }

  get dropped(): number {
    return this.#dropped;
  }

  get failing(): string | undefined {
    return this.#failing;
  }

  /** @param notify called once each time output works again, with the number of pieces that were dropped */
  onWorksAgain(notify: (dropped: number) => void): void {
    this.#worksAgain = notify;
  }

  /** Writes a piece, or drops it where too much waits already: a writer that waits for `drain` loses nothing. */
  override write(chunk: string | Uint8Array, ...rest: WriteRest): boolean {
    if (this.writableLength <= MAX_QUEUED_BYTES) return super.write(chunk, ...(rest as [BufferEncoding]));
    this.#drop();
    for (const done of rest) if (typeof done === 'function') process.nextTick(done);
    return false;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#attempt(this.#isCut ? Buffer.concat([Buffer.from('\n'), chunk]) : chunk, done, 1);
  }

  #attempt(bytes: Buffer, done: () => void, retryMs: number): void {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(this.#writeNow(rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const moved = rest.length < bytes.length;
      if (RETRIED.has(code)) {
        setTimeout(() => this.#attempt(rest, done, moved ? 1 : Math.min(MAX_RETRY_MS, retryMs * 2)), retryMs);
        return;
      }
      this.#isCut ||= moved;
      this.#failing = code ?? 'failed';
      this.#drop();
      done();
      return;
    }
    this.#isCut = false;
    this.#failing = undefined;
    done();
    if (this.#lost > 0 && this.writableLength < MAX_QUEUED_BYTES / 2) {
      const lost = this.#lost;
      this.#lost = 0;
      this.#worksAgain?.(lost);
    }
  }

  #drop(): void {
    this.#dropped++;
    this.#lost++;
  }
}

/** Returns an output to a regular file. @param fd its descriptor */
export function fileOutput(fd: number): Output {
  return new Output(
    fd,
    false,
    (bytes) => writeSync(fd, bytes),
    () => ({}),
  );
}

/** Standard output and standard error, once {@link installOutputs} was called. */
export interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Puts outputs that neither block nor fail in the place of `process.stdout` and `process.stderr`. Call once, first. */
export function installOutputs(): Outputs {
  const outputs = { stdout: openOutput('stdout', 1), stderr: openOutput('stderr', 2) };
  for (const [name, output] of Object.entries(outputs))
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => output });
  return outputs;
}

/** Returns `process.stdout` or `process.stderr` as the output that soakd puts there. */
export function outputOf(stream: NodeJS.WriteStream): Output {
  if (stream instanceof Output) return stream;
  throw new TypeError('the outputs are not installed');
}

function openOutput(name: 'stdout' | 'stderr', fd: number): Output {
  const isTTY = isatty(fd);
  // Node's own stream knows the size of a terminal and follows its changes.
  const node = isTTY ? process[name] : undefined;
  return new Output(fd, isTTY, writerOf(name, fd, isTTY), () => node ?? {});
}

function writerOf(name: 'stdout' | 'stderr', fd: number, isTTY: boolean): WriteNow {
  const own = ownDescriptor(name, fd, isTTY);
  return (bytes) => writeSync(own, bytes);
}

/**
 * Returns a descriptor whose writes do not wait. A pipe or terminal is opened a second time: O_NONBLOCK on the inherited
 * descriptor would reach every process that shares it, such as the shell.
 */
function ownDescriptor(name: 'stdout' | 'stderr', fd: number, isTTY: boolean): number {
  const stat = fstatSync(fd);
  if (process.platform === 'linux' && (stat.isFIFO() || isTTY))
    try {
      const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
      return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    } catch {
      // Its reader is gone, or it belongs to another user.
    }
  // libuv makes pipes and sockets that Node opens non-blocking.
  if (stat.isFIFO() || stat.isSocket()) void process[name].writable;
  return fd;
}
