import { Command, CommanderError, Help } from 'commander';
import { BUILD } from '../version.ts';
import { COMMANDS, nameOf } from './commands.ts';
import { CANNOT_START_EXIT, exitWith, report, USAGE_EXIT } from './exit.ts';
import { ABOUT, EPILOGUE } from './overview.ts';
import { outputOf } from './stdio.ts';

/** Carries out the command that the arguments name, and sets the exit code. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const program = await createProgram(args);
  try {
    await program.parseAsync(args, { from: 'user' });
    requireOutput();
  } catch (error) {
    if (error instanceof CommanderError) exitWith(error.exitCode === 0 ? 0 : USAGE_EXIT);
    else exitWith(report(error));
  }
}

/** Returns the program, of which only the command that the arguments name has its options and its action. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program: Command = new Command('soakd')
    .description(ABOUT)
    .version(BUILD.version)
    .exitOverride()
    .configureHelp({
      // `soakd runs` has commands of its own, with names of those here.
      subcommandTerm: (command): string =>
        COMMANDS.find((listed) => command.parent === program && nameOf(listed) === command.name())?.term ??
        new Help().subcommandTerm(command),
    })
    .addHelpText('after', EPILOGUE);
  for (const command of await commandsFor(args)) {
    // Only commands that the parent creates itself inherit its settings.
    program.addCommand(command.copyInheritedSettings(program));
    for (const inner of command.commands) inner.copyInheritedSettings(command);
  }
  return program;
}

function commandsFor(args: readonly string[]): Promise<Command[]> {
  // No option of the program itself takes a value: the first word is the command.
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const asked = first === 'help' ? second : first;
  return Promise.all(
    COMMANDS.map(async (listed) => {
      const name = nameOf(listed);
      const command = name === asked ? await listed.load() : new Command(name);
      return command.description(listed.description);
    }),
  );
}

/**
 * Sets the exit code of a command that exists for its output where that is lost. A verdict keeps its exit code, and a
 * reader that closed the pipe early, such as `head`, has what it wants.
 */
function requireOutput(): void {
  process.once('beforeExit', () => {
    const { failing } = outputOf(process.stdout);
    if (failing === undefined || failing === 'EPIPE') return;
    process.stderr.write(`soakd: cannot write to standard output: ${failing}\n`);
    process.exitCode ??= CANNOT_START_EXIT;
  });
}
