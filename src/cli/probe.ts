import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { type AdHocFlags, adHocConfig } from '../config/ad-hoc.ts';
import { faultOfName } from '../config/schema/scalars.ts';
import { processSecrets, resolveSecret } from '../config/secrets.ts';
import { formatDuration } from '../core/duration.ts';
import { FORMATS } from '../formats/list.ts';
import { type Probed, probe } from '../probe/probe.ts';
import { probeText } from '../probe/text.ts';
import { BUILD } from '../version.ts';
import { exitWith, signalExit } from './exit.ts';
import { collect } from './options.ts';
import { onSignals } from './signals.ts';
import { addConnectFlags } from './target-options.ts';

type ProbeFlags = Omit<Partial<AdHocFlags>, 'target'> & {
  readonly json?: boolean;
  readonly name?: string;
};

export function probeCommand(): Command {
  const command = new Command('probe')
    .description(
      'one stream, explained: what came when, which format it is, how it ended, and a target to paste',
    )
    .argument('<url>', 'what to probe')
    .option('--format <name>', `how it is judged: ${FORMATS.join(', ')} (default: found out)`)
    .option('--terminal <data>', 'what ends a stream: literal data, e.g. "[DONE]"; end; or finish')
    .option('--terminal-event <name>', 'what ends a stream: the name of an event')
    .option('--terminal-path <path>', 'what ends a stream: a path into its JSON, or path=value')
    .option('--error-event <name>', 'what reports a failure: the name of an event')
    .option('--error-path <path>', 'what reports a failure: a path into its JSON, or path=value')
    .option('--max-event <size>', 'longest line or event (default: 1MiB)')
    .option('--method <name>', 'request method (default: GET, with a body POST)')
    .option('--header <line>', `"Name: value", with $\{env:NAME} for a secret; may be given again`, collect)
    .option('--body <text>', 'request body; @file reads a file')
    .option('--connect-timeout <duration>', 'default: 10s')
    .option('--ttfb-timeout <duration>', 'default: 30s')
    .option('--idle-timeout <duration>', 'default: 30s')
    .option('--total-timeout <duration>', 'default: 300s')
    .option(
      '--allow <host>',
      'host, suffix or range that may be probed besides loopback; may be given again',
      collect,
    )
    .option('--name <name>', 'of the target and scenario to paste (default: made of the URL)', targetName)
    .option('--json', 'the report as one line of JSON, the last of standard output')
    .action(run);
  return addConnectFlags(command);
}

async function run(url: string, flags: ProbeFlags): Promise<void> {
  const { json, name, ...adHoc } = flags;
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
      detect: flags.format === undefined,
      name,
      allow,
      version: BUILD.version,
      resolveSecret: (text, into) => resolveSecret(text, secrets, into),
      readFile: (path) => readFileSync(path, 'utf8'),
      env: process.env,
      signal: abort.signal,
      progress: (phase, elapsedMs, chunks) => ticker.show(phase, elapsedMs, chunks),
    });
    ticker.clear();
    const text = probeText(probed);
    if (json === true) process.stderr.write(`${text}\n`);
    process.stdout.write(json === true ? `${JSON.stringify(probed.report)}\n` : `${text}\n`);
    exitWith(interrupted === undefined ? exitOf(probed) : signalExit(interrupted));
  } finally {
    ticker.clear();
    stopListening();
  }
}

/** @throws InvalidArgumentError */
function targetName(text: string): string {
  const fault = faultOfName(text);
  if (fault === undefined) return text;
  const { found, expected, advice } = fault.schemaIssue;
  throw new InvalidArgumentError(`found ${found}, expected ${expected}; ${advice}.`);
}

function exitOf({ report }: Probed): number {
  // The name came to point outside the allowlist between its check and its dial.
  if (report.detail?.startsWith('ADDRESS_NOT_ALLOWED') === true) return 3;
  if (report.result === 'lost') return 4;
  return report.result === 'success' ? 0 : 1;
}

/** One line on a terminal that says what is waited for. */
class Ticker {
  readonly #live = process.stderr.isTTY === true;
  #shown = false;

  show(phase: string, elapsedMs: number, chunks: number): void {
    // What is over at once needs no word.
    if (!this.#live || elapsedMs < 500) return;
    const what =
      phase === 'streaming' ? `${chunks} chunks` : phase === 'waiting' ? 'waiting for the first byte' : phase;
    process.stderr.write(
      `\r\x1b[K  ${what}, ${formatDuration(Math.floor(elapsedMs / 100) * 100)}  (Ctrl-C explains what came so far)`,
    );
    this.#shown = true;
  }

  clear(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
    this.#shown = false;
  }
}
