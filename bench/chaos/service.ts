import { type ChildProcess, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MainBlock, mainLoopEnv, readMainBlocks } from '../../support/main-loop.ts';
import { poll } from '../../support/poll.ts';
import { ROOT } from '../../support/root.ts';

/** `soakd serve` in a process of its own, that is stopped, killed and left without a reader. */
export class ChaosService {
  readonly url: string;
  readonly file: string;
  readonly #port: number;
  readonly #data: string;
  readonly #blocks: string;
  #child: ChildProcess | undefined;
  #output = '';
  /** Rises where the service stops or starts to answer: a request is within one number, or says nothing. */
  #era = 0;
  #isUp = false;

  constructor(folder: string, port: number, data: string) {
    this.#port = port;
    this.#data = data;
    this.file = join(folder, 'soakd.yaml');
    this.#blocks = join(folder, 'main-blocks');
    this.url = `http://127.0.0.1:${port}`;
  }

  /** The era in which it should answer; `undefined` while it need not. */
  get era(): number | undefined {
    return this.#isUp ? this.#era : undefined;
  }

  /** The end of what it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Times for which its main thread took no turn, over all its processes. */
  get mainBlocks(): MainBlock[] {
    return readMainBlocks(this.#blocks);
  }

  get exit(): number | NodeJS.Signals | null {
    return this.#child?.signalCode ?? this.#child?.exitCode ?? null;
  }

  async start(): Promise<void> {
    const args = ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/cli/main.ts'), 'serve'];
    args.push('--config', this.file, '--port', String(this.#port), '--data', this.#data);
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...mainLoopEnv(this.#blocks) },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-20_000);
      });
    await this.#answers();
  }

  /** Resolves once it answers again. */
  async stopFor(ms: number): Promise<void> {
    this.#down();
    this.#child!.kill('SIGSTOP');
    await new Promise((done) => setTimeout(done, ms));
    this.#child!.kill('SIGCONT');
    await this.#answers();
  }

  async killAndRestart(downMs: number): Promise<void> {
    this.#down();
    await this.end('SIGKILL');
    await new Promise((done) => setTimeout(done, downMs));
    await this.start();
  }

  /** Closes the reading ends of its output. */
  closeOutput(): void {
    this.#child!.stdout!.destroy();
    this.#child!.stderr!.destroy();
  }

  hangUp(): void {
    this.#child!.kill('SIGHUP');
  }

  write(yaml: string): Promise<void> {
    return writeFile(this.file, yaml);
  }

  /** @returns the answer, and its text @throws after ten seconds */
  async request(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const response = await fetch(this.url + path, {
      method,
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, text: await response.text() };
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#down();
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((done) => child.once('exit', () => done()));
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }

  #down(): void {
    this.#isUp = false;
    this.#era++;
  }

  async #answers(): Promise<void> {
    await poll(
      'an answer of soakd',
      async () => {
        if (this.exit !== null) throw new Error(`soakd ended (${this.exit})\n${this.#output.slice(-3000)}`);
        const { status } = await this.request('GET', '/-/healthy');
        return status === 200 || undefined;
      },
      { timeoutMs: 60_000 },
    );
    this.#isUp = true;
  }
}
