import { Command } from 'commander';
import type { LogLevel } from '../catalog/metrics.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../core/scenario.ts';
import { createLog } from '../log.ts';
import { summaryText } from '../report/text.ts';
import { Service } from '../service.ts';
import type { Sink } from '../sink/sink.ts';
import { TerminalProgress } from '../sink/terminal.ts';
import { BUILD } from '../version.ts';
import { exitWith, signalExit } from './exit.ts';
import { logLevel, port } from './options.ts';
import { onSignals } from './signals.ts';

interface ServeFlags {
  readonly config: string;
  readonly port?: number;
  readonly host?: string;
  readonly logLevel: LogLevel;
}

export function serveCommand(): Command {
  return new Command('serve')
    .description('run as a service: page, metrics and API, and the scenario that the configuration starts')
    .option('-c, --config <file>', 'configuration', 'soakd.yaml')
    .option('-p, --port <port>', 'port to listen on, in place of the configured one', port)
    .option('--host <address>', 'address to listen on, in place of the configured one')
    .addOption(logLevel('info'))
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const config = loadConfig(flags.config, { checkSecrets: true });
  const human = process.stderr.isTTY === true;
  // For a person only: what a program reads, on either stream, is lines of JSON.
  const screen = [process.stdout, process.stderr].find((stream) => stream.isTTY === true);
  const terminal = screen === undefined ? undefined : new TerminalProgress(screen);
  const above = (write: () => void): void => (terminal === undefined ? write() : terminal.above(write));
  const log = createLog(
    (line) => (human ? above(() => process.stderr.write(line)) : process.stderr.write(line)),
    {
      level: flags.logLevel,
      human,
      color: human,
    },
  );
  // However a run was started: whoever watches sees what it came to.
  const summaries: Sink = {
    start() {},
    add() {},
    stop() {
      const { last } = service;
      if (last === undefined) return;
      const summary = service.summary(last);
      if (screen === undefined) log.logger.info({ run: last.run.id, summary }, 'run summary');
      else above(() => screen.write(summaryText(summary)));
    },
  };
  const readConfig = (): Config => loadConfig(flags.config, { checkSecrets: true });
  const service: Service = new Service({
    config,
    log,
    sinks: [...(terminal === undefined ? [] : [terminal]), summaries],
    readConfig,
  });
  const over = Promise.withResolvers<NodeJS.Signals>();
  const stopListening = onSignals({
    // What is wrong with it is in the log.
    reload: () => void service.reload('signal').catch(() => {}),
    first(signal) {
      log.logger.info({ signal }, 'shutting down: no new starts, open streams have their grace');
      over.resolve(signal);
    },
    again(signal) {
      log.logger.warn({ signal }, 'shutting down at once');
      void service.close('interrupted', 0);
      setTimeout(() => process.exit(signalExit(signal)), 1000);
    },
  });

  const url = await service.listen(flags.host ?? config.serve.host, flags.port ?? config.serve.port);
  log.logger.info({ url, version: BUILD.version }, 'listening');
  screen?.write(banner(url));
  service.startSchedules();
  try {
    const { start } = config.serve;
    if (start !== undefined) await service.startRun(start, 'configuration');
    await over.promise;
  } finally {
    await service.close('interrupted');
    stopListening();
  }
  exitWith(signalExit(await over.promise));
}

function banner(url: string): string {
  return `\n  soakd ${BUILD.version}\n  page     ${url}/\n  metrics  ${url}/metrics\n\n`;
}
