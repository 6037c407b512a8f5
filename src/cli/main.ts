import { BUILD } from '../version.ts';
import { overview } from './overview.ts';

// A reader such as `head` closes the pipe early; that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const args = process.argv.slice(2);
const [only] = args.length === 1 ? args : [];

if (only === '--version' || only === '-V') process.stdout.write(`${BUILD.version}\n`);
else if (only === '--help' || only === '-h')
  process.stdout.write(overview(process.stdout.isTTY ? process.stdout.columns : undefined));
else {
  const { runProgram } = await import('./program.ts');
  await runProgram(args);
}
