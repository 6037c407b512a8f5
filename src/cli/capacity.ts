import { Command, InvalidArgumentError } from 'commander';
import { CapacitySearch } from '../capacity/capacity-search.ts';
import {
  DEFAULT_FOR_MS,
  DEFAULT_MAX_STEPS,
  DEFAULT_MAX_TIME_MS,
  DEFAULT_PRECISION,
  planSearch,
} from '../capacity/search-plan.ts';
import type { LogLevel } from '../catalog/metrics.ts';
import { loadConfig } from '../config/load.ts';
import { formatDuration, parseDuration } from '../core/duration.ts';
import { SoakError } from '../core/errors.ts';
import { formatPercent } from '../core/number.ts';
import type { FinishedRun } from '../core/run.ts';
import type { Scenario } from '../core/scenario.ts';
import { createLog } from '../log.ts';
import { capacityText, provenLoad, stepHead, stepRow } from '../report/capacity-text.ts';
import { summaryText } from '../report/text.ts';
import type { CapacityResult } from '../schema/capacity.ts';
import { Service } from '../service.ts';
import { TerminalProgress } from '../sink/terminal.ts';
import { chosenScenario } from './chosen-scenario.ts';
import { commandLine } from './command-line.ts';
import { exitWith, internalError, runExit, signalExit } from './exit.ts';
import { onFatal } from './fatal.ts';
import { openedHistory } from './opened-history.ts';
import { collect, dataOption, logLevel, port, positiveNumber } from './options.ts';
import { droppedLines, reportRecovery } from './output-health.ts';
import { endRunOnSignals } from './signals.ts';

interface CapacityFlags {
  readonly config: string;
  readonly data?: string;
  readonly from?: number;
  readonly maxUsers?: number;
  readonly maxRate?: number;
  readonly only?: readonly string[];
  readonly for?: number;
  readonly hold?: number;
  readonly precision?: number;
  readonly maxSteps?: number;
  readonly maxTime?: number;
  readonly port?: number;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly logLevel: LogLevel;
}

export function capacityCommand(): Command {
  return new Command('capacity')
    .argument('[scenario]', 'scenario of the configuration; optional if there is only one')
    .option('-c, --config <file>', 'configuration file', 'soakd.yaml')
    .option(
      '--from <n>',
      'first load to try: users, or streams a second (default: the highest level of the scenario)',
      load,
    )
    .option('--max-users <n>', 'maximum number of users to try (default: limits.maxUsers)', positiveNumber)
    .option('--max-rate <n>', 'open model: maximum streams per second to try (default: limits.maxRate)', load)
    .option('--only <threshold>', 'threshold to use, instead of all thresholds; repeatable', collect)
    .option(
      '--for <duration>',
      `time that a step measures (default: ${formatDuration(DEFAULT_FOR_MS)}); extended to two stream durations where these are longer`,
      duration,
    )
    .option(
      '--hold <duration>',
      'time that the confirming hold measures; at least four stream durations (default: twice --for)',
      duration,
    )
    .option(
      '--precision <share>',
      `width of the interval at which the search ends (default: ${formatPercent(DEFAULT_PRECISION).replace(' ', '')})`,
      precision,
    )
    .option('--max-steps <n>', `maximum number of steps, from 2 to 50 (default: ${DEFAULT_MAX_STEPS})`, steps)
    .option(
      '--max-time <duration>',
      `longest time of the search; at most limits.maxDuration (default: ${formatDuration(DEFAULT_MAX_TIME_MS)})`,
      duration,
    )
    .addOption(dataOption())
    .option('-p, --port <port>', 'serve /metrics and the API on this port during the search', port)
    .option('--verbose', 'print the summary of the whole run after the result')
    .option('--json', 'print the summary as one line of JSON, with the key capacity, on standard output')
    .addOption(logLevel('error'))
    .addHelpText(
      'after',
      `
Exit codes: 0 found, or every threshold holds at the largest load allowed; 1 not even the smallest load holds;
5 the generator was the limit, or the search ended before the interval was narrow enough;
130 interrupted. All others as for soakd run.`,
    )
    .action(search);
}

async function search(name: string | undefined, flags: CapacityFlags): Promise<void> {
  const config = loadConfig(flags.config, { checkSecrets: true });
  const scenario = chosenScenario(config, name, 'write a configuration with soakd init');
  const flagsOfSearch = defined({
    from: flags.from,
    most: mostOf(scenario, flags),
    only: flags.only,
    forMs: flags.for,
    holdMs: flags.hold,
    precision: flags.precision,
    maxSteps: flags.maxSteps,
    maxTimeMs: flags.maxTime,
  });
  const plan = planSearch(config, scenario, flagsOfSearch);
  const terminal = process.stderr.isTTY === true ? new TerminalProgress(process.stderr) : undefined;
  const say = (text: string): void => {
    const write = () => void process.stderr.write(`${text}\n`);
    if (terminal === undefined) write();
    else terminal.above(write);
  };
  const log = createLog((line) => say(line.trimEnd()), {
    level: flags.logLevel,
    human: true,
    color: process.stderr.isTTY === true,
    dropped: droppedLines,
  });
  reportRecovery(log);
  const { data, config: configFile } = flags;
  const opened = await openedHistory({ data, configFile, source: 'run', config: plan.config, log });
  const sought = new CapacitySearch({
    ...plan,
    control: (change) => void service.runner.control(change, 'soakd'),
    generator: () => service.runner.generator,
    stepped: (step) => say(stepRow(step)),
  });
  const service = new Service({
    config: plan.config,
    log,
    sinks: [...(terminal === undefined ? [] : [terminal]), sought],
    opened,
    command: commandLine(process.argv.slice(2)),
    capacity: (run) => sought.of(run),
  });
  onFatal({ log: internalError, save: async () => service.salvage() });
  exitWith(await carryOut(service, scenario, flags, say));
}

/** Searches. Returns the exit code. */
async function carryOut(
  service: Service,
  { name, model }: Scenario,
  flags: CapacityFlags,
  say: (text: string) => void,
): Promise<number> {
  const { interrupted, stopListening } = endRunOnSignals(service);
  try {
    if (flags.port !== undefined)
      say(`metrics ${(await service.listen('127.0.0.1', flags.port)).url}/metrics`);
    await service.settleRuns({ policy: 'never' });
    say(stepHead(model.kind === 'closed' ? 'users' : 'rate'));
    await service.startRun(name, 'local');
    if (interrupted() !== undefined) service.stop('interrupted', undefined, 'signal');
    const result = (await service.result)!;
    const summary = service.summary(result);
    const capacity = summary.capacity!;
    if (flags.json === true) say(capacityText(capacity));
    const text =
      flags.verbose === true ? summaryText(summary, { verbose: true }) : `${capacityText(capacity)}\n`;
    process.stdout.write(flags.json === true ? `${JSON.stringify(summary)}\n` : text);
    return exitOf(capacity, result.run, interrupted());
  } catch (error) {
    const signal = interrupted();
    if (signal === undefined) throw error;
    return signalExit(signal);
  } finally {
    await service.close('interrupted');
    stopListening();
  }
}

function exitOf(capacity: CapacityResult, run: FinishedRun, signal: NodeJS.Signals | undefined): number {
  if (signal !== undefined) return signalExit(signal);
  if (run.reason === 'target_not_allowed' || run.reason === 'worker_died') return runExit(run, signal);
  if (capacity.ended !== 'found' || capacity.limitedBy === 'generator') return 5;
  return provenLoad(capacity) === 0 ? 1 : 0;
}

/** @throws SoakError USAGE for the flag of the other model */
function mostOf({ name, model }: Scenario, { maxUsers, maxRate }: CapacityFlags): number | undefined {
  const [wrong, right, kind] =
    model.kind === 'closed' ? [maxRate, '--max-users', 'closed'] : [maxUsers, '--max-rate', 'open'];
  if (wrong !== undefined)
    throw new SoakError(
      'USAGE',
      `found ${kind === 'closed' ? '--max-rate' : '--max-users'} for scenario ${name}, which has the ${kind} model, expected ${right}`,
    );
  return maxUsers ?? maxRate;
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function load(text: string): number {
  const value = Number(text);
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text) || value === 0)
    throw new InvalidArgumentError(`found "${text}", expected a number above 0.`);
  return value;
}

function steps(text: string): number {
  const value = positiveNumber(text);
  if (value < 2 || value > 50)
    throw new InvalidArgumentError(`found "${text}", expected a whole number from 2 to 50.`);
  return value;
}

function precision(text: string): number {
  const [, value, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = Number(value) / (percent === '%' ? 100 : 1);
  if (!(share >= 0.01 && share <= 0.5))
    throw new InvalidArgumentError(`found "${text}", expected a share from 1% to 50%.`);
  return share;
}

const MIN_DURATION_MS = 1000;

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < MIN_DURATION_MS)
    throw new InvalidArgumentError(`found "${text}", expected a duration of at least 1s, such as 30s or 5m.`);
  return ms;
}
