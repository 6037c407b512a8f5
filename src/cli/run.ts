import { Command } from 'commander';
import type { LogLevel } from '../catalog/metrics.ts';
import { comparisonText } from '../compare/text.ts';
import { adHocConfig } from '../config/ad-hoc.ts';
import { AD_HOC_SCENARIO, type AdHocFlags } from '../config/ad-hoc-flags.ts';
import { loadConfig } from '../config/load.ts';
import { overrideFlag, readOverrides } from '../config/override-flags.ts';
import { overrideScenario } from '../config/overrides.ts';
import { SoakError } from '../core/errors.ts';
import type { Overrides } from '../core/overrides.ts';
import type { Config } from '../core/scenario.ts';
import { createLog } from '../log.ts';
import { summaryText } from '../report/text.ts';
import { Service } from '../service.ts';
import { TerminalProgress } from '../sink/terminal.ts';
import { BUILD } from '../version.ts';
import { baselineOf } from './baseline.ts';
import { CiOutputs } from './ci-outputs.ts';
import { commandLine } from './command-line.ts';
import { compareExit } from './compare.ts';
import { CANNOT_START_EXIT, exitWith, internalError, runExit, signalExit } from './exit.ts';
import { onFatal } from './fatal.ts';
import { openedHistory } from './opened-history.ts';
import { bareHost, dataOption, isUrl, logLevel, port } from './options.ts';
import { droppedLines, reportRecovery } from './output-health.ts';
import { endRunOnSignals } from './signals.ts';
import { addFlags, CONNECT_FLAGS, FORMAT_FLAGS, TIMEOUT_FLAGS } from './target-options.ts';

type RunFlags = Partial<AdHocFlags> & {
  readonly config?: string;
  readonly data?: string;
  readonly compareWith?: string;
  readonly port?: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly junit?: string;
  readonly logLevel: LogLevel;
};

export function runCommand(): Command {
  const command = new Command('run')
    .argument('[scenario]', 'scenario of the configuration, or the URL of a target instead of --target')
    .option('-c, --config <file>', 'configuration file (default: soakd.yaml)');
  addFlags(command, [
    'target',
    'format',
    ...FORMAT_FLAGS,
    'users',
    'rate',
    'for',
    'ramp',
    'thinkTime',
    'method',
    'header',
    'body',
    'minChunks',
    'minBytes',
    ...TIMEOUT_FLAGS,
    'maxStreams',
    'warmUp',
    'seed',
    'maxMeasurementLag',
    'threshold',
    'allow',
  ]);
  command
    .addOption(dataOption('; without a file $XDG_STATE_HOME/soakd'))
    .option(
      '--compare-with <run>',
      'compare with an earlier run: last-pass, last (of the scenario), an id, or a file of run --json; a regression is exit code 1',
    )
    .option('-p, --port <port>', 'serve /metrics and the API on this port during the run', port)
    .option('--verbose', 'print all outcomes, timings, thresholds and settings in the summary')
    .option('--json', 'print the summary as one line of JSON, the last line of standard output')
    .option('--junit <file>', 'write a JUnit report with a test case for each threshold of each target')
    .addOption(logLevel('warn'))
    .action(run);
  return addFlags(command, CONNECT_FLAGS);
}

async function run(named: string | undefined, given: RunFlags): Promise<void> {
  const outputs = new CiOutputs({
    junit: given.junit,
    scenario: outputName(named, given),
    version: BUILD.version,
    env: process.env,
    stderr: (text) => process.stderr.write(text),
  });
  try {
    const asked = outputs.openWith(() => {
      const { scenario, flags } = withTarget(named, given);
      return configFor(scenario, flags);
    });
    exitWith(await carryOut(asked, given, outputs));
  } catch (error) {
    outputs.failed(error);
    throw error;
  }
}

/** Runs a scenario. Returns the exit code. */
async function carryOut(
  { config, configFile, name, overrides }: Asked,
  flags: RunFlags,
  outputs: CiOutputs,
): Promise<number> {
  const terminal = new TerminalProgress(process.stderr);
  const log = createLog((line) => terminal.above(() => process.stderr.write(outputs.text(line))), {
    level: flags.logLevel,
    human: true,
    color: process.stderr.isTTY === true,
    dropped: droppedLines,
  });
  reportRecovery(log);
  const opened = await openedHistory({ data: flags.data, configFile, source: 'run', config, log });
  const service = new Service({
    config,
    log,
    sinks: [terminal],
    opened,
    command: commandLine(process.argv.slice(2)),
  });
  onFatal({
    log(error) {
      internalError(error);
      outputs.failed(error);
    },
    save: async () => service.salvage(),
  });
  const { interrupted, stopListening } = endRunOnSignals(service);
  let exitCode: number;
  try {
    if (flags.port !== undefined) {
      const { url } = await service.listen('127.0.0.1', flags.port);
      process.stderr.write(`metrics ${url}/metrics\n`);
    }
    await service.settleRuns({ policy: 'never' });
    const baseline =
      flags.compareWith === undefined ? undefined : baselineOf(flags.compareWith, name, opened);
    await service.startRun(name, 'local', overrides);
    if (interrupted() !== undefined) service.stop('interrupted', undefined, 'signal');
    const result = (await service.result)!;
    const summary = service.summary(result);
    const text = outputs.text(summaryText(summary, { verbose: flags.verbose === true }));
    if (flags.json === true) process.stderr.write(text);
    process.stdout.write(flags.json === true ? `${outputs.json(JSON.stringify(summary))}\n` : text);
    const written = outputs.finished(summary);
    exitCode = runExit(result.run, interrupted());
    if (flags.compareWith !== undefined) {
      const comparison = baseline?.compare(result.run.id);
      const text =
        comparison === undefined
          ? `no run of ${name} to compare with (${flags.compareWith}); the next one is compared with this one\n`
          : comparisonText(comparison);
      // With --json the summary stays the only line of standard output.
      (flags.json === true ? process.stderr : process.stdout).write(outputs.text(text));
      if (exitCode === 0 && comparison?.verdict === 'regression') exitCode = compareExit(comparison);
    }
    // A pass without its requested report must not exit with 0.
    if (!written && exitCode === 0) exitCode = CANNOT_START_EXIT;
  } catch (error) {
    const signal = interrupted();
    if (signal === undefined) throw error;
    exitCode = signalExit(signal);
  } finally {
    await service.close('interrupted');
    stopListening();
  }
  // Also where the signal came while the summary was written.
  const signal = interrupted();
  return signal === undefined ? exitCode : signalExit(signal);
}

interface Asked {
  readonly config: Config;
  /** Absent where flags describe the target. */
  readonly configFile: string | undefined;
  /** Name of the scenario. */
  readonly name: string;
  readonly overrides: Overrides;
}

/** Returns the name for a report that is written before the scenario is known. A URL may hold a secret. */
function outputName(named: string | undefined, { target }: RunFlags): string {
  if (named !== undefined && !isUrl(named)) return named;
  return named === undefined && target === undefined ? 'soakd' : AD_HOC_SCENARIO;
}

/**
 * Turns a URL in place of a scenario into the target.
 * @throws SoakError USAGE if the scheme is missing or --target is also given
 */
function withTarget(
  named: string | undefined,
  flags: RunFlags,
): { readonly scenario: string | undefined; readonly flags: RunFlags } {
  if (named === undefined) return { scenario: named, flags };
  if (isUrl(named) && flags.target === undefined)
    return { scenario: undefined, flags: { ...flags, target: named } };
  // The message must not repeat the URL, which may hold a secret.
  if (isUrl(named))
    throw new SoakError('USAGE', 'found a URL and --target, expected only one; remove one of them');
  const host = bareHost(named);
  if (host !== undefined)
    throw new SoakError(
      'USAGE',
      `found "${host}" without a scheme, expected a scenario or a URL; add the scheme, for example soakd run http://${host}/`,
    );
  return { scenario: named, flags };
}

function configFor(scenario: string | undefined, flags: RunFlags): Asked {
  const { target, config: file } = flags;
  if (target !== undefined) {
    if (scenario !== undefined || file !== undefined) {
      throw new SoakError(
        'USAGE',
        `found --target and ${file === undefined ? `the scenario "${scenario}"` : '--config'}, expected one of them`,
      );
    }
    const config = adHocConfig({ ...flags, target }, { checkSecrets: true });
    return { config, configFile: undefined, name: AD_HOC_SCENARIO, overrides: {} };
  }
  const overrides = readOverrides(flags);
  const configFile = file ?? 'soakd.yaml';
  const config = loadConfig(configFile, { checkSecrets: true });
  const { scenarios, limits } = config;
  if (scenario === undefined) {
    const names = Object.keys(scenarios).join(', ');
    throw new SoakError('USAGE', `found no scenario, expected one of ${names}, or the URL of a target`);
  }
  // Checks overrides here so that messages name flags; the service reports an unknown scenario.
  if (Object.hasOwn(scenarios, scenario))
    overrideScenario(scenarios[scenario]!, overrides, limits, overrideFlag);
  return { config, configFile, name: scenario, overrides };
}
