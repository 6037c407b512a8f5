import { Command, Option } from 'commander';
import type { LogLevel } from '../catalog/metrics.ts';
import { loadConfig } from '../config/load.ts';
import { ConfigReader } from '../config/reader/config-reader.ts';
import { GRACE_MS } from '../core/run.ts';
import { createLog } from '../log.ts';
import { summaryText } from '../report/text.ts';
import type { MoreIn } from '../report/value-text.ts';
import { type ResumePolicy, Service } from '../service.ts';
import type { Sink } from '../sink/sink.ts';
import { BUILD } from '../version.ts';
import { commandName } from './command-name.ts';
import { exitWith, signalExit } from './exit.ts';
import { onFatal } from './fatal.ts';
import { openedHistory } from './opened-history.ts';
import { dataOption, logLevel, port } from './options.ts';
import { droppedLines, reportRecovery } from './output-health.ts';
import { onSignals } from './signals.ts';

interface ServeFlags {
  readonly config: string;
  readonly port?: number;
  readonly host?: string;
  readonly data?: string;
  readonly resume: ResumePolicy;
  readonly logLevel: LogLevel;
}

export function serveCommand(): Command {
  return new Command('serve')
    .option('-c, --config <file>', 'configuration file', 'soakd.yaml')
    .option('-p, --port <port>', 'listen port, overrides serve.port', port)
    .option('--host <address>', 'listen address, overrides serve.host')
    .addOption(dataOption())
    .addOption(
      new Option(
        '--resume <policy>',
        'whether to resume a run that soakd did not finish: auto resumes it, never closes it',
      )
        .choices(['auto', 'never'])
        .default('auto'),
    )
    .addOption(logLevel('info'))
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const config = loadConfig(flags.config, { checkSecrets: true });
  const human = process.stderr.isTTY === true;
  // Shows progress to a person on a terminal; programs get lines of JSON on both streams.
  const screen = [process.stdout, process.stderr].find((stream) => stream.isTTY === true);
  const terminal =
    screen === undefined ? undefined : new (await import('../sink/terminal.ts')).TerminalProgress(screen);
  const above = (write: () => void): void => (terminal === undefined ? write() : terminal.above(write));
  const log = createLog(
    (line) => (human ? above(() => process.stderr.write(line)) : process.stderr.write(line)),
    {
      level: flags.logLevel,
      human,
      color: human,
      dropped: droppedLines,
    },
  );
  reportRecovery(log);
  // Prints the summary of every run, regardless of what started it.
  const summaries: Sink = {
    stop() {
      const { last } = service;
      if (last === undefined) return;
      const summary = service.summary(last);
      // The levels are most of a summary, and journald splits lines of more than 48 KiB.
      const { levels: _, ...logged } = summary;
      if (screen === undefined) log.logger.info({ run: last.run.id, summary: logged }, 'run summary');
      else
        above(() => screen.write(summaryText(summary, { more: moreOfServe(last.run.id, opened && flags) })));
    },
  };
  const opened = await openedHistory({
    data: flags.data,
    configFile: flags.config,
    source: 'serve',
    config,
    log,
  });
  const service: Service = new Service({
    config,
    log,
    opened,
    sinks: [...(terminal === undefined ? [] : [terminal]), summaries],
    reader: new ConfigReader(flags.config),
  });
  onFatal({
    log: (error) =>
      log.logger.fatal({ err: error }, 'internal error, please report it; soakd ends with exit code 4'),
    save: async () => service.salvage(),
  });
  const over = Promise.withResolvers<NodeJS.Signals>();
  const stopListening = onSignals({
    // The service has already logged the issues.
    reload: () => void service.reload('signal').catch(() => {}),
    first(signal) {
      const run = service.status().run?.id;
      if (run === undefined) log.logger.info({ signal }, 'shutting down');
      else log.logger.info({ signal, run, graceMs: GRACE_MS }, 'shutting down; waiting for open streams');
      over.resolve(signal);
    },
    again(signal) {
      log.logger.warn({ signal }, 'shutting down at once');
      void service.close('interrupted', 0);
      setTimeout(() => process.exit(signalExit(signal)), 1000);
    },
  });

  let signal: NodeJS.Signals | undefined;
  try {
    const { host, port, metricsListener } = config.serve;
    const { url, ...more } = await service.listen(flags.host ?? host, flags.port ?? port, metricsListener);
    log.logger.info({ url, ...more, version: BUILD.version, config: flags.config }, 'listening');
    screen?.write(banner(url, more.metricsUrl));
    const begin = async (): Promise<void> => {
      await service.settleRuns({ policy: flags.resume });
      service.startSchedules();
      const { start } = config.serve;
      // A resumed run takes the place of the one that would start.
      if (start !== undefined && service.result === undefined) await service.startRun(start, 'configuration');
    };
    // A signal does not wait for a start, which may wait for a token.
    signal = await Promise.race([over.promise, begin().then(() => over.promise)]);
  } finally {
    // A container or a machine that restarts sends SIGTERM; a person at a terminal ends the run.
    if (signal === 'SIGTERM' && flags.resume === 'auto') service.suspend();
    await service.close('interrupted');
    stopListening();
  }
  const exitCode = signalExit(signal);
  log.logger.info({ signal, exitCode }, 'stopped');
  exitWith(exitCode);
}

function banner(url: string, metricsUrl = url): string {
  return `\n  soakd ${BUILD.version}\n  page     ${url}/\n  metrics  ${metricsUrl}/metrics\n\n`;
}

/**
 * Returns what shows the parts of a run that the summary of `soakd serve` omits: `serve` has no flags for them.
 * @param flags of `serve`; absent if no history is kept
 */
export function moreOfServe(
  run: string,
  flags: { readonly data?: string; readonly config: string } | undefined,
  env: NodeJS.ProcessEnv = process.env,
): MoreIn {
  if (flags === undefined) return { verbose: 'GET /api/v1/status', json: 'GET /api/v1/status' };
  const { data, config } = flags;
  const folder =
    data === undefined ? (config === 'soakd.yaml' ? '' : ` --config ${config}`) : ` --data ${data}`;
  const show = `${commandName(env)} runs show ${run}${folder}`;
  return { verbose: `${show} --verbose`, json: `${show} --json` };
}
