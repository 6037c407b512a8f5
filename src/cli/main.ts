import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { BUILD } from '../version.ts';
import { calibrateCommand } from './calibrate.ts';
import { doctorCommand } from './doctor.ts';
import { exitWith, report, USAGE_EXIT } from './exit.ts';
import { exportCommand } from './export.ts';
import { probeCommand } from './probe.ts';
import { relayCommand } from './relay.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { validateCommand } from './validate.ts';

/** Demo configuration, part of the checkout and of the package. */
const DEMO = fileURLToPath(new URL('../../soakd.yaml', import.meta.url));

// A reader such as `head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const program = new Command('soakd')
  .description(
    'Load generator for streaming responses: holds thousands of streams open for hours and exports to Prometheus what users would experience.',
  )
  .version(BUILD.version)
  .exitOverride()
  .addHelpText(
    'after',
    `\nDemo on this machine, without network access:\n  soakd serve --config ${DEMO}\n` +
      '\nExit codes: 0 pass, 1 a threshold failed, 2 usage or configuration, 3 target not allowed,\n4 could not start, 5 inconclusive, 130 / 143 interrupted by SIGINT / SIGTERM.',
  );
for (const command of [
  serveCommand(),
  runCommand(),
  probeCommand(),
  simulateCommand(),
  relayCommand(),
  validateCommand(),
  exportCommand(),
  doctorCommand(),
  calibrateCommand(),
  schemaCommand(),
]) {
  // Only commands that the parent creates itself inherit its settings.
  program.addCommand(command.copyInheritedSettings(program));
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) exitWith(error.exitCode === 0 ? 0 : USAGE_EXIT);
  else exitWith(report(error));
}
