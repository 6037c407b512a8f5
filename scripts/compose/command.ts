import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends it with SIGTERM. */
  readonly signal?: AbortSignal;
  /** Default: 120 s. */
  readonly timeoutMs?: number;
}

export interface Outcome {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever that is. Its output is kept whole, so it is for programs that say little. */
export function outcomeOf(
  command: string,
  args: readonly string[],
  { cwd, env, signal, timeoutMs = 120_000 }: CommandOptions = {},
): Promise<Outcome> {
  return new Promise((done, fail) => {
    const limit = AbortSignal.timeout(timeoutMs);
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => {
      const why = limit.aborted ? `took more than ${timeoutMs} ms` : error.message;
      fail(new Error(`${command} ${args.join(' ')}: ${why}\n${stdout}${stderr}`, { cause: error }));
    });
    child.on('close', (code) => done({ code, stdout, stderr }));
  });
}

/**
 * Runs a program that has to succeed.
 *
 * @returns what it wrote to standard output, less white space at both ends
 * @throws Error with its whole output when its exit code is not 0
 */
export async function run(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await outcomeOf(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${stdout}${stderr}`);
  return stdout.trim();
}
