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
    .option('-p, --port <port>', 'listen port', port, 9877)
    .option('--host <address>', 'listen address', '127.0.0.1')
    .option(
      '--preset <name>',
      `preset of responses: ${Object.keys(SIMULATOR_PRESETS).join(', ')} (default: seed, streams of half a minute; unrelated to --seed)`,
    )
    .option(
      '-c, --config <file>',
      'file with the key simulator at its top level, or a configuration with one simulator target; other flags override its options',
    )
    .option('--format <name>', `stream format for paths that name none: ${FORMATS.join(', ')}`)
    .option('--seed <n>', 'seed of the random generator')
    .option('--ttfb <duration>', 'time from the request to the first byte, or a distribution')
    .option('--gap <duration>', 'time between two chunks, or a distribution')
    .option('--chunks <n>', 'chunks per response, or a distribution')
    .option('--characters <n>', 'characters per chunk, or a distribution')
    .option(
      '--fault <name=share>',
      `share of responses with a fault, e.g. truncate=5%: ${FAULTS.join(', ')}; repeatable`,
      collect,
    )
    .option('--every <name=n>', 'fault in every n-th response, e.g. reset=100; repeatable', collect)
    .option(
      '--timeline <name=share@from-to>',
      'share of responses with a fault during a period, e.g. truncate=20%@3m-5m; repeatable',
      collect,
    )
    .option(
      '--behaviour <entry>',
      'behaviour over time, as in a configuration, e.g. "leak: 10ms"; repeatable',
      collect,
    )
    .option(
      '--capacity <n>',
      'concurrent streams above which responses slow down, or "streams: 1000, max: 3000"',
    )
    .option('--retry-after <duration>', 'Retry-After header of a 503 or 429')
    .option('--roofline', 'send precomputed responses without delay')
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
