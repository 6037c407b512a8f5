import { InvalidArgumentError, Option } from 'commander';
import { LOG_LEVELS } from '../catalog/metrics.ts';

/** Parses a port; 0 is any free port. */
export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError(`found "${text}", expected a port from 0 to 65535.`);
  }
  return Number(text);
}

/** Returns whether an argument looks like a URL, valid or not. */
export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** Returns the host of an argument that looks like a URL without a scheme: `localhost:8000/sse`, `a.example/x`. */
export function bareHost(text: string): string | undefined {
  const [, host] = /^((?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?)(?:[/?].*)?$/i.exec(text) ?? [];
  // Names of scenarios contain none of these characters.
  return /[:/?]/.test(text) ? host : undefined;
}

export function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

export function logLevel(preset: string): Option {
  return new Option('--log-level <level>', 'minimum level to log').choices(LOG_LEVELS).default(preset);
}

/** Parses a whole number above 0. @throws InvalidArgumentError */
export function positiveNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError(`found "${text}", expected a whole number of at least 1.`);
  return Number(text);
}

/** Parses a price: 0 or more, in any currency. @throws InvalidArgumentError */
export function price(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,6})?$/.test(text))
    throw new InvalidArgumentError(`found "${text}", expected a price such as 0.12.`);
  return Number(text);
}

/** Parses a whole number. @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`found "${text}", expected a whole number.`);
  return Number(text);
}

/**
 * The folder of the history of runs.
 * @param withoutFile default where the command runs without a configuration file
 * @param what is done with it, for the help
 */
export function dataOption(
  withoutFile = '',
  what = 'folder of the history of runs, or "none" to keep no history',
): Option {
  return new Option(
    '--data <folder>',
    `${what} (default: soakd-data beside the configuration file${withoutFile})`,
  );
}
