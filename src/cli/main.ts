import { BUILD } from '../version.ts';
import { installEarlyTerm } from './early-term.ts';
import { installFatalHandlers } from './fatal.ts';
import { ignoresHangup } from './hangup.ts';
import { overview } from './overview.ts';
import { installOutputs } from './stdio.ts';

// First of all: what follows writes to the outputs, and may fail.
// SIGUSR1 would open Node's inspector, through which anyone on this machine can run code.
process.on('SIGUSR1', () => {});
installEarlyTerm();
if (ignoresHangup()) process.on('SIGHUP', () => {});
installOutputs();
installFatalHandlers();

const args = process.argv.slice(2);
const [only] = args.length === 1 ? args : [];

if (only === '--version' || only === '-V') process.stdout.write(`${BUILD.version}\n`);
else if (only === '--help' || only === '-h')
  process.stdout.write(overview(process.stdout.isTTY ? process.stdout.columns : undefined));
else {
  const { runProgram } = await import('./program.ts');
  await runProgram(args);
}
