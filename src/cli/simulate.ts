import { Command, InvalidArgumentError, Option } from 'commander';
import { SIMULATOR_PRESETS } from '../catalog/presets.ts';
import { FORMATS, type Format } from '../core/scenario.ts';
import { FAULTS, type Fault, type SimulatorOptions } from '../core/simulator.ts';
import { startSimulator } from '../sim/simulator.ts';
import { exitWith, signalExit } from './exit.ts';
import { port } from './options.ts';
import { onSignals } from './signals.ts';

interface SimulateFlags {
  readonly preset: keyof typeof SIMULATOR_PRESETS;
  readonly port: number;
  readonly host: string;
  readonly format?: Format;
  readonly seed?: number;
  readonly fault: Partial<Record<Fault, number>>;
}

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('the simulator alone: a server that streams made-up answers, and goes wrong as asked')
    .addOption(
      new Option('--preset <name>', 'what answers are like')
        .choices(Object.keys(SIMULATOR_PRESETS))
        .default('seed'),
    )
    .option('-p, --port <port>', 'port to listen on', port, 9877)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(new Option('--format <name>', 'format of answers where the path names none').choices(FORMATS))
    .option('--seed <n>', 'seed of all draws', wholeNumber)
    .option(
      '--fault <name=share>',
      `share of answers that go wrong: ${FAULTS.join(', ')}; may be given again`,
      fault,
      {},
    )
    .action(simulate);
}

async function simulate(flags: SimulateFlags): Promise<void> {
  const preset = SIMULATOR_PRESETS[flags.preset];
  const options: SimulatorOptions = {
    ...preset,
    format: flags.format ?? preset.format,
    seed: flags.seed ?? preset.seed,
    faults: flags.fault,
  };
  const simulator = await startSimulator(options, { host: flags.host, port: flags.port });
  process.stdout.write(
    `simulator (${flags.preset}) on ${simulator.url}\n  streams       ${simulator.url}/  (also /sse, /raw, /v1/chat/completions)\n` +
      `  ground truth  ${simulator.url}/ground-truth\n  metrics       ${simulator.url}/metrics\n`,
  );
  const over = Promise.withResolvers<NodeJS.Signals>();
  const stopListening = onSignals({
    first: over.resolve,
    again: (signal) => process.exit(signalExit(signal)),
  });
  const signal = await over.promise;
  await simulator.close();
  stopListening();
  exitWith(signalExit(signal));
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new InvalidArgumentError(`found "${text}", expected a whole number.`);
  return Number(text);
}

function fault(text: string, earlier: Partial<Record<Fault, number>>): Partial<Record<Fault, number>> {
  const [, name, value, percent] = /^(\w+)=(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = Number(value) / (percent === '%' ? 100 : 1);
  if (name === undefined || !FAULTS.includes(name as Fault) || !(share <= 1)) {
    throw new InvalidArgumentError(
      `found "${text}", expected one of ${FAULTS.join(', ')}, "=" and a share such as 5% or 0.05.`,
    );
  }
  const faults = { ...earlier, [name]: share };
  if (Object.values(faults).reduce((a, b) => a + b, 0) > 1)
    throw new InvalidArgumentError('all shares together are above 100 %.');
  return faults;
}
