import { Command, InvalidArgumentError } from 'commander';
import { type AdHocFlags, adHocConfig } from '../config/ad-hoc.ts';
import { readSmallText } from '../config/regular-file.ts';
import { faultOfName } from '../config/schema/scalars.ts';
import { processSecrets, resolveSecret } from '../config/secrets.ts';
import { formatDuration } from '../core/duration.ts';
import { SoakError } from '../core/errors.ts';
import { FORMATS } from '../formats/list.ts';
import { type Probed, probe } from '../probe/probe.ts';
import { probeText } from '../probe/text.ts';
import { BUILD } from '../version.ts';
import { exitWith, signalExit } from './exit.ts';
import { bareHost, isUrl } from './options.ts';
import { onSignals } from './signals.ts';
import { addFlags, CONNECT_FLAGS, FORMAT_FLAGS, TIMEOUT_FLAGS } from './target-options.ts';

export type ProbeFlags = Omit<Partial<AdHocFlags>, 'target'> & { readonly name?: string };

export function probeCommand(): Command {
  const command = new Command('probe').argument('<url>', 'URL to probe').action(run);
  return addProbeFlags(command, (flags) =>
    flags.option('--json', 'print the report as one line of JSON, the last line of standard output'),
  );
}

/**
 * Adds the flags that describe the target of a probe.
 * @param more adds the flags of the command itself, ahead of those that say how the target is reached
 */
export function addProbeFlags(command: Command, more: (command: Command) => Command): Command {
  const own = ['method', 'header', 'body', ...TIMEOUT_FLAGS, 'allow'] as const;
  addFlags(command, ['format', ...FORMAT_FLAGS, ...own], {
    format: `stream format: ${FORMATS.join(', ')} (default: detected)`,
    header: `"Name: value", with $\{env:NAME} for a secret; repeatable`,
  });
  command.option('--name <name>', 'name of the target and scenario (default: from the URL)', targetName);
  return addFlags(more(command), CONNECT_FLAGS);
}

async function run(url: string, { json, ...flags }: ProbeFlags & { readonly json?: boolean }): Promise<void> {
  const { probed, interrupted } = await probeUrl(url, flags);
  const text = probeText(probed);
  if (json === true) process.stderr.write(`${text}\n`);
  process.stdout.write(json === true ? `${JSON.stringify(probed.report)}\n` : `${text}\n`);
  exitWith(interrupted === undefined ? exitOf(probed) : signalExit(interrupted));
}

/**
 * Sends one request as the flags say; SIGINT and SIGTERM end it.
 * @throws SoakError USAGE (no scheme), CONFIG_INVALID (a flag), TARGET_NOT_ALLOWED, SECRET_MISSING, CANNOT_START
 */
export async function probeUrl(
  url: string,
  { name, ...adHoc }: ProbeFlags,
): Promise<{ readonly probed: Probed; readonly interrupted: NodeJS.Signals | undefined }> {
  const host = bareHost(url);
  if (host !== undefined && !isUrl(url))
    throw new SoakError(
      'USAGE',
      `found "${host}" without a scheme, expected a URL; add the scheme, for example http://${host}/`,
    );
  const { targets, allow } = adHocConfig({ ...adHoc, target: url }, { checkSecrets: true });
  const secrets = processSecrets(process.cwd());
  const abort = new AbortController();
  let interrupted: NodeJS.Signals | undefined;
  const stopListening = onSignals({
    first(signal) {
      interrupted = signal;
      abort.abort();
    },
    again: (signal) => process.exit(signalExit(signal)),
  });
  const ticker = new Ticker();
  try {
    const probed = await probe({
      target: targets[0]!,
      detect: adHoc.format === undefined,
      name,
      allow,
      version: BUILD.version,
      resolveSecret: (text, into) => resolveSecret(text, secrets, into),
      readFile: readSmallText,
      env: process.env,
      signal: abort.signal,
      progress: (phase, elapsedMs, chunks) => ticker.show(phase, elapsedMs, chunks),
    });
    return { probed, interrupted };
  } finally {
    ticker.clear();
    stopListening();
  }
}

/** @throws InvalidArgumentError */
function targetName(text: string): string {
  const fault = faultOfName(text);
  if (fault === undefined) return text;
  const { found, expected, advice } = fault;
  throw new InvalidArgumentError(`found ${found}, expected ${expected}; ${advice}.`);
}

export function exitOf({ report }: Probed): number {
  // The name resolved to an address outside the allowlist after its check.
  if (report.detail?.startsWith('ADDRESS_NOT_ALLOWED') === true) return 3;
  if (report.result === 'lost') return 4;
  return report.result === 'success' ? 0 : 1;
}

/** Shows progress on one line of a terminal. */
class Ticker {
  readonly #live = process.stderr.isTTY === true;
  #shown = false;

  show(phase: string, elapsedMs: number, chunks: number): void {
    // A short wait needs no progress.
    if (!this.#live || elapsedMs < 500) return;
    const what =
      phase === 'streaming' ? `${chunks} chunks` : phase === 'waiting' ? 'waiting for the first byte' : phase;
    process.stderr.write(
      `\r\x1b[K  ${what}, ${formatDuration(Math.floor(elapsedMs / 100) * 100)}  (Ctrl-C explains the stream so far)`,
    );
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
    this.#shown = false;
  }
}
