import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { parseConfig } from '../config/load.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { probeText } from '../probe/text.ts';
import { quoted } from './command-line.ts';
import { commandName } from './command-name.ts';
import { exitWith, signalExit } from './exit.ts';
import { writeOutputFile } from './output-file.ts';
import { addProbeFlags, exitOf, type ProbeFlags, probeUrl } from './probe.ts';

type InitFlags = ProbeFlags & { readonly out: string; readonly force?: boolean };

export function initCommand(): Command {
  const command = new Command('init')
    .argument('[url]', 'URL of your endpoint (default: the built-in simulator)')
    .action(init);
  return addProbeFlags(command, (flags) =>
    flags
      .option('-o, --out <file>', 'file to write', 'soakd.yaml')
      .option('--force', 'replace an existing file'),
  );
}

async function init(url: string | undefined, { out, force, ...flags }: InitFlags): Promise<void> {
  // Before a request is sent for nothing.
  if (force !== true && existsSync(out)) throw inTheWay(out);
  if (url === undefined) {
    if (Object.keys(flags).some((flag) => flag !== 'name'))
      throw new SoakError('USAGE', 'found flags of a target without a URL, expected both; add the URL');
    write(out, simulatorText(flags.name ?? 'demo'), force === true);
    return;
  }
  const { probed, interrupted } = await probeUrl(url, flags);
  const { report } = probed;
  const exitCode = interrupted === undefined ? exitOf(probed) : signalExit(interrupted);
  if (exitCode !== 0 || report.configuration === null) {
    process.stderr.write(`${probeText({ ...probed, report: { ...report, configuration: null } })}\n`);
    process.stderr.write(
      `soakd: found a stream that ended as ${report.outcome}, expected one that ends well; ${out} is not written\n`,
    );
    exitWith(exitCode === 0 ? 1 : exitCode);
    return;
  }
  write(
    out,
    `# Written by soakd init from a probe of ${report.url}\n${report.configuration}`,
    force === true,
  );
}

/**
 * Writes the file and says what to do next.
 * @throws SoakError USAGE (a file is in the way), CONFIG_INVALID (a path that is relative to another folder, for one),
 * CANNOT_START
 */
function write(out: string, text: string, replace: boolean): void {
  const { targets, scenarios } = parseConfig(text, { file: out, baseDir: dirname(out) });
  try {
    writeOutputFile(out, text, replace ? 'replace' : 'keep');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw inTheWay(out);
    throw new SoakError('CANNOT_START', `${out} cannot be written: ${messageOf(error)}`, [], error);
  }
  const file = out === 'soakd.yaml' ? '' : ` --config ${quoted(out)}`;
  const unset = unsetVariables(text);
  const first = unset.length === 0 ? '' : `set ${unset.join(', ')}, then `;
  process.stdout.write(
    `${out}: written, with the target ${targets.map((t) => t.name).join(', ')}\n` +
      `  check it  ${first}${commandName()} validate${out === 'soakd.yaml' ? '' : ` ${quoted(out)}`}\n` +
      `  run it    ${commandName()} run ${Object.keys(scenarios).join(' ')}${file}\n` +
      `  serve it  ${commandName()} serve${file}\n`,
  );
  exitWith(0);
}

function inTheWay(out: string): SoakError {
  return new SoakError(
    'USAGE',
    `${out}: found a file, expected none; give --out FILE to write another, or --force to replace it`,
  );
}

/** @returns names of variables that the text refers to and that are not set here */
function unsetVariables(text: string): string[] {
  const names = [...text.matchAll(/(?<!\$)\$\{env:(\w+)\}/g)].map(([, name]) => name!);
  return [...new Set(names)].filter((name) => process.env[name] === undefined);
}

function simulatorText(name: string): string {
  return `# Written by soakd init. The target is the built-in simulator: soakd init URL --force writes one for your endpoint.
targets:
  - name: ${JSON.stringify(name)}
    simulator: { preset: quick }
scenarios:
  ${JSON.stringify(name)}:
    target: ${JSON.stringify(name)}
    stages: [{ users: 10, for: 1m }]
`;
}
