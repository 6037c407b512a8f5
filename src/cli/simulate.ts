import { Command } from 'commander';
import { SIMULATOR_PRESETS } from '../catalog/presets.ts';
import { readSimulatorOptions, type SimulatorFlags, simulatorOptions } from '../config/simulator.ts';
import { FAULTS } from '../core/simulator.ts';
import { FORMATS } from '../formats/list.ts';
import { startSimulator } from '../sim/simulator.ts';
import { exitWith, signalExit } from './exit.ts';
import { collect, port } from './options.ts';
import { onSignals } from './signals.ts';

type SimulateFlags = SimulatorFlags & { readonly port: number; readonly host: string };

export function simulateCommand(): Command {
  return new Command('simulate')
    .description('the simulator alone: a server that streams made-up answers, and goes wrong as asked')
    .option('-p, --port <port>', 'port to listen on', port, 9877)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--preset <name>',
      `what answers are like: ${Object.keys(SIMULATOR_PRESETS).join(', ')} (default: seed)`,
    )
    .option('-c, --config <file>', 'options from a file: its simulator: block, or its target that has one')
    .option('--format <name>', `format of answers where the path names none: ${FORMATS.join(', ')}`)
    .option('--seed <n>', 'seed of all draws')
    .option(
      '--ttfb <duration>',
      'from the request to the first byte; this and the next three may be distributions',
    )
    .option('--gap <duration>', 'from a chunk to the next')
    .option('--chunks <n>', 'chunks of an answer')
    .option('--characters <n>', 'characters of a chunk')
    .option(
      '--fault <name=share>',
      `share of answers that go wrong, such as truncate=5%: ${FAULTS.join(', ')}; may be given again`,
      collect,
    )
    .option('--every <name=n>', 'each n-th answer goes wrong, such as reset=100; may be given again', collect)
    .option(
      '--timeline <name=share@from-to>',
      'shares for some time, such as truncate=20%@3m-5m; may be given again',
      collect,
    )
    .option(
      '--behaviour <entry>',
      'what changes with time, as in a configuration: "leak: 10ms"; may be given again',
      collect,
    )
    .option('--capacity <n>', 'concurrent streams before it becomes slow, or "streams: 1000, max: 3000"')
    .option('--retry-after <duration>', 'Retry-After of a 503 or 429')
    .option('--roofline', 'answers made beforehand, without delay')
    .action(simulate);
}

async function simulate(flags: SimulateFlags): Promise<void> {
  const options = simulatorOptions(flags);
  const simulator = await startSimulator(options, {
    host: flags.host,
    port: flags.port,
    read: readSimulatorOptions,
  });
  const { url } = simulator;
  const over = Promise.withResolvers<NodeJS.Signals>();
  const stopListening = onSignals({
    first: over.resolve,
    again: (signal) => process.exit(signalExit(signal)),
  });
  process.stdout.write(
    `simulator (${flags.config ?? flags.preset ?? 'seed'}) on ${url}\n` +
      `  streams       ${url}/  (also /raw, /sse, /ndjson, /v1/chat/completions, /v1/responses, /v1/messages, /api/chat)\n` +
      `  control       ${url}/control\n  metrics       ${url}/metrics\n  ground truth  ${url}/ground-truth\n`,
  );
  const signal = await over.promise;
  await simulator.close();
  stopListening();
  exitWith(signalExit(signal));
}
