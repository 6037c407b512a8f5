import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { constants, open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { messageOf } from '../core/errors.ts';
import type { FreshToken } from '../core/target.ts';
import { faultOfToken } from '../target/credentials.ts';
import { requireRegular } from './regular-file.ts';

/** Timeout of a program, ms. */
const COMMAND_MS = 10_000;
/** Maximum size of a token file or of the output of a program, bytes. */
const MAX_BYTES = 65_536;

/**
 * Fetches a token: reads its file, or runs its program without a shell. Trims white space.
 * @param signal ends a running program
 * @throws Error with the reason; never quotes the content of the file or the output of the program
 */
export async function fetchToken(source: FreshToken, signal?: AbortSignal): Promise<string> {
  const [text, what] =
    source.kind === 'file'
      ? [await readSmall(source.file), source.file]
      : [await outputOf(source.command, signal), source.command[0]!];
  const token = text.trim();
  const fault = faultOfToken(token);
  if (fault !== undefined) throw new Error(`the token from ${what} ${fault}`);
  return token;
}

/** Opens the file for each read, so that a replaced file takes effect. */
async function readSmall(path: string): Promise<string> {
  try {
    // To open a named pipe waits for its writer, on one of the few threads of libuv.
    requireRegular(await stat(path));
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    requireRegular(await file.stat());
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    throw new Error(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

/** Discards standard error, since error messages of a program may quote its input. */
function outputOf([program = '', ...args]: readonly string[], signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    // Starts the program in its own process group, so that its child processes end with it.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    const kill = (): void => killGroup(child);
    // Whatever ends soakd: nothing else would end a group of its own.
    process.once('exit', kill);
    const held: Buffer[] = [];
    let size = 0;
    const fail = (why: string): void => {
      end();
      kill();
      reject(new Error(`${program} ${why}`));
    };
    const timer = setTimeout(() => fail(`was not done after ${COMMAND_MS / 1000} s`), COMMAND_MS);
    const aborted = (): void => fail('was ended, since nobody needs its token any more');
    const end = (): void => {
      clearTimeout(timer);
      process.off('exit', kill);
      signal?.removeEventListener('abort', aborted);
      child.stdout.destroy();
    };
    signal?.addEventListener('abort', aborted);
    child.on('error', (error) => fail(`cannot be run: ${messageOf(error)}`));
    child.stdout.on('data', (bytes: Buffer) => {
      held.push(bytes);
      size += bytes.length;
      if (size > MAX_BYTES) fail(`printed more than ${MAX_BYTES} bytes`);
    });
    child.once('close', (code, killedBy) => {
      end();
      if (code === 0) resolve(Buffer.concat(held).toString('utf8'));
      else
        reject(new Error(`${program} ended with ${code === null ? `signal ${killedBy}` : `code ${code}`}`));
    });
    if (signal?.aborted === true) aborted();
  });
}

function killGroup({ pid }: ChildProcessByStdio<null, Readable, null>): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process group has ended already.
  }
}
