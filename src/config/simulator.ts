import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { SoakError } from '../core/errors.ts';
import type { SimulatorOptions } from '../core/simulator.ts';
import { writtenOptions } from '../core/simulator-text.ts';
import { isMapping, pathText } from './describe.ts';
import { deepFreeze } from './freeze.ts';
import { parseConfig, readBytes } from './load.ts';
import { errorOf, firstOfEachPlace, type Origin, type Problem } from './problem.ts';
import { mapping } from './schema/combinators.ts';
import { read } from './schema/read.ts';
import { simulator } from './schema/simulator.ts';
import { dataOfFlags, type SimulatorFlags, simulatorFlagOrigin } from './simulator-flags.ts';
import { decode, readSource } from './source.ts';

export type { SimulatorFlags } from './simulator-flags.ts';

const NO_FILE: Origin = {
  place: (path) => ({ label: pathText(path) || 'the options', order: 0 }),
};

/**
 * Reads simulator options.
 * @param written data of `simulator:` in a configuration
 * @throws SoakError with one line in `details` for each thing wrong
 */
export function readSimulatorOptions(written: unknown): SimulatorOptions {
  return parsed(written, [], NO_FILE);
}

export interface SimulatorFlagsOptions {
  readonly cwd?: string;
}

/**
 * Returns the options of flags; with `--config`, on top of those of the file.
 * @throws SoakError whose lines name flags, or lines of the file
 */
export function simulatorOptions(
  flags: SimulatorFlags,
  { cwd }: SimulatorFlagsOptions = {},
): SimulatorOptions {
  const { data, problems } = dataOfFlags(flags);
  if (flags.config === undefined) return parsed(data, problems, simulatorFlagOrigin);
  if (flags.preset !== undefined) {
    throw new SoakError('USAGE', 'found --preset beside --config, expected one of them');
  }
  const base = writtenOptions(fromFile(flags.config, cwd));
  return parsed({ ...base, ...data }, problems, simulatorFlagOrigin);
}

function parsed(data: unknown, known: readonly Problem[], origin: Origin): SimulatorOptions {
  const problems = [...known];
  const { value } = read(simulator, data, problems);
  if (problems.length > 0) throw errorOf(firstOfEachPlace(problems), origin);
  return deepFreeze((value as z.output<typeof simulator>).withFormat());
}

const block = mapping({ simulator }, 'write for example { simulator: { preset: seed } }');

/** Reads a file with only `simulator:`, or a configuration in which one target is a simulator. */
function fromFile(file: string, cwd = process.cwd()): SimulatorOptions {
  const absolute = resolve(cwd, file);
  const bytes = readBytes(absolute, file);
  const text = decode(bytes, file);
  const source = typeof text === 'string' ? readSource(text, file) : text;
  if (!source.whole || !isMapping(source.data) || !('simulator' in source.data)) {
    return ofTarget(file, bytes, dirname(absolute));
  }
  const problems = [...source.problems];
  const { value } = read(block, source.data, problems);
  if (problems.length > 0) throw errorOf(firstOfEachPlace(problems), source.origin);
  return (value as z.output<typeof block>).simulator.withFormat();
}

function ofTarget(file: string, bytes: Uint8Array, baseDir: string): SimulatorOptions {
  const { targets } = parseConfig(bytes, { file, baseDir });
  const found = targets.flatMap(({ name, endpoint }) =>
    endpoint.kind === 'simulator' ? [{ name, options: endpoint.options }] : [],
  );
  if (found.length === 1) return found[0]!.options as unknown as SimulatorOptions;
  const names = found.map(({ name }) => name).join(', ');
  throw new SoakError(
    'USAGE',
    `--config: found ${found.length === 0 ? 'no target with simulator:' : `several targets with simulator: (${names})`}, expected one`,
  );
}
