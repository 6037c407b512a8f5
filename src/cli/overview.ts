import { fileURLToPath } from 'node:url';
import { wrap } from '../core/wrap.ts';
import { COMMANDS } from './commands.ts';

export const ABOUT =
  'Load generator for streaming responses: holds thousands of streams open for hours and exports to Prometheus what users would experience.';

/** Comes with a checkout and with the package. */
const DEMO = fileURLToPath(new URL('../../soakd.yaml', import.meta.url));

/** Text below the list of commands. */
export const EPILOGUE =
  `\nDemo on this machine, without network access:\n  soakd serve --config ${DEMO}\n` +
  '\nExit codes: 0 pass, 1 a threshold was crossed, 2 usage or configuration, 3 target not allowed,\n4 could not start, 5 inconclusive, 130 / 143 interrupted by SIGINT / SIGTERM.';

const OPTIONS: readonly (readonly [term: string, description: string])[] = [
  ['-V, --version', 'output the version number'],
  ['-h, --help', 'display help for command'],
];

/** Columns of descriptions below which commander leaves lines as long as they are. */
const MIN_WRAPPED = 40;

/**
 * Returns what `soakd --help` prints, as commander lays it out. Written here because the import of commander alone
 * takes as much CPU as half a start of Node.
 * @param width columns of the terminal
 */
export function overview(width = 80): string {
  const commands = [
    ...COMMANDS.map(({ term, description }) => [term, description] as const),
    ['help [command]', 'display help for command'] as const,
  ];
  const column = Math.max(...[...OPTIONS, ...commands].map(([term]) => term.length)) + 2;
  const row = ([term, description]: readonly [string, string]): string =>
    `  ${term.padEnd(column)}${wrapped(description, width - column - 2).join(`\n${' '.repeat(column + 2)}`)}`;
  return `${[
    'Usage: soakd [options] [command]',
    '',
    ...wrapped(ABOUT, width),
    '',
    'Options:',
    ...OPTIONS.map(row),
    '',
    'Commands:',
    ...commands.map(row),
  ].join('\n')}\n${EPILOGUE}\n`;
}

function wrapped(text: string, width: number): string[] {
  return width < MIN_WRAPPED ? [text] : wrap(text, width);
}
