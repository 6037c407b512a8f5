import { Command, Option } from 'commander';
import { calibrate } from '../calibrate/calibrate.ts';
import type { Capacity, Held } from '../calibrate/search.ts';
import { type BoundBy, calibrateExit, verdictLines } from '../calibrate/verdict.ts';
import { SIMULATOR_PRESETS } from '../catalog/presets.ts';
import { loadConfig } from '../config/load.ts';
import { formatDuration } from '../core/duration.ts';
import { formatPercent } from '../core/number.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import { mostUsersOf } from '../core/scenario.ts';
import { readText } from '../machine/files.ts';
import { thisHost } from '../machine/host.ts';
import { readMachine } from '../machine/machine.ts';
import { Simulators } from '../simulators.ts';
import { BUILD } from '../version.ts';
import { chosenScenario } from './chosen-scenario.ts';
import { exitWith } from './exit.ts';
import { positiveNumber } from './options.ts';

interface CalibrateFlags {
  readonly config: string;
  readonly pace: keyof typeof SIMULATOR_PRESETS;
  readonly most?: number;
  readonly json?: boolean;
}

/** Maximum number of streams to try, as a multiple of the streams of the scenario. */
const TIMES_ASKED = 10;
/** Descriptors of this process besides those of streams. */
const OWN_DESCRIPTORS = 200;

/** Returns the number of streams for which this process has descriptors; the simulator needs one for each stream too. */
function canOpen(): number {
  const { descriptors = Number.POSITIVE_INFINITY } = readMachine(readText, thisHost());
  return Math.floor((descriptors - OWN_DESCRIPTORS) / 2);
}

export function calibrateCommand(): Command {
  return new Command('calibrate')
    .argument('[scenario]', 'scenario of the configuration; optional if there is only one')
    .option('-c, --config <file>', 'configuration file', 'soakd.yaml')
    .addOption(
      new Option('--pace <preset>', 'pace of the chunks of the simulator that replaces each real target')
        .choices(Object.keys(SIMULATOR_PRESETS))
        .default('seed'),
    )
    .option(
      '--most <n>',
      'maximum number of streams to try (default: ten times the streams of the scenario)',
      positiveNumber,
    )
    .option('--json', 'print the result as one line of JSON on standard output')
    .action(run);
}

async function run(name: string | undefined, flags: CalibrateFlags): Promise<void> {
  const config = loadConfig(flags.config, { checkSecrets: false });
  const scenario = chosenScenario(config, name, 'calibrate uses the targets of its configuration');
  const asked = mostUsersOf(scenario);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const simulators = new Simulators(
    (target, error) => say(`the simulator for target ${target} failed: ${error}`),
    () => config.limits.maxUsers,
  );
  say(
    `scenario ${scenario.name}: up to ${asked} streams; measured with a built-in simulator, which shares the CPU`,
  );
  for (const line of assumptions(config, scenario, flags.pace)) say(line);
  say(`  ${'streams'.padStart(8)}${'lag p50'.padStart(10)}${'p99'.padStart(10)}${'CPU'.padStart(8)}`);
  const { most, boundBy } = bounds(flags.most, asked);
  let capacity: Capacity;
  try {
    capacity = await calibrate({
      config,
      scenario,
      pace: flags.pace,
      most,
      version: BUILD.version,
      simulatorUrl: (target) => simulators.urlOf(target),
      tried: (held) => say(row(held)),
    });
  } finally {
    await simulators.close();
  }
  const { maxMeasurementLagMs } = config;
  const json = { schema: 1, scenario: scenario.name, asked, maxMeasurementLagMs, boundBy, ...capacity };
  const lines = verdictLines(capacity, { asked, maxLagMs: maxMeasurementLagMs, boundBy });
  process.stdout.write(`${flags.json === true ? JSON.stringify(json) : lines.join('\n')}\n`);
  exitWith(calibrateExit(capacity, asked, boundBy));
}

function bounds(wanted: number | undefined, asked: number): { most: number; boundBy: BoundBy } {
  const most = wanted ?? TIMES_ASKED * asked;
  const open = Math.max(1, canOpen());
  if (open < most) return { most: open, boundBy: 'descriptors' };
  return { most, boundBy: wanted === undefined ? 'scenario' : 'most' };
}

function assumptions(config: Config, { targets }: Scenario, pace: string): string[] {
  const own = config.targets.filter(({ name }) => targets.some((t) => t.name === name));
  const urls = own.filter(({ endpoint }) => endpoint.kind === 'url');
  const tls = urls.filter(({ endpoint }) => endpoint.kind === 'url' && endpoint.url.startsWith('https:'));
  return [
    ...(urls.length > 0
      ? [`  ${urls.map((t) => t.name).join(', ')}: pace of the preset ${pace}; change it with --pace`]
      : []),
    ...(tls.length > 0 ? [`  ${tls.map((t) => t.name).join(', ')}: excludes the cost of TLS`] : []),
  ];
}

function row({ streams, measurementErrorMs, cpu, fault }: Held): string {
  const lag =
    measurementErrorMs === null
      ? ['–', '–']
      : [measurementErrorMs.p50, measurementErrorMs.p99].map(formatDuration);
  const cells = [
    String(streams).padStart(8),
    ...lag.map((l) => l.padStart(10)),
    formatPercent(Math.round(cpu * 100) / 100).padStart(8),
  ];
  return `  ${cells.join('')}${fault === undefined ? '' : `   ${fault}`}`;
}
