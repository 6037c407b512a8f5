import { type Command, Option } from 'commander';
import { FLAGS, type FlagName } from '../config/ad-hoc-flags.ts';
import { collect } from './options.ts';

/** Adds flags of a target or a run, with the help of the command itself for some. */
export function addFlags(
  command: Command,
  names: readonly FlagName[],
  help: Readonly<Partial<Record<FlagName, string>>> = {},
): Command {
  for (const name of names) {
    const flag = FLAGS[name];
    const option = new Option(flag.syntax, help[name] ?? flag.help);
    command.addOption('kind' in flag && flag.kind === 'list' ? option.argParser(collect) : option);
  }
  return command;
}

/**
 * Connect options of a target, the same for every command that takes a target by URL. Values may hold
 * `${env:NAME}`, which keeps secrets off the command line, where every user of the machine can see them.
 */
export const CONNECT_FLAGS = [
  'ca',
  'cert',
  'key',
  'keyPassphrase',
  'serverName',
  'user',
  'bearer',
  'proxy',
  'unixSocket',
  'http2',
  'transport',
] as const;

/** Flags for the end and the failures of a stream, for every command that classifies one. */
export const FORMAT_FLAGS = [
  'terminal',
  'terminalEvent',
  'terminalPath',
  'errorEvent',
  'errorPath',
  'maxEvent',
] as const;

export const TIMEOUT_FLAGS = ['connectTimeout', 'ttfbTimeout', 'idleTimeout', 'totalTimeout'] as const;
