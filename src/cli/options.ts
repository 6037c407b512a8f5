import { InvalidArgumentError, Option } from 'commander';
import { LOG_LEVELS } from '../catalog/metrics.ts';

/** @returns a port, 0 for any that is free */
export function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
    throw new InvalidArgumentError(`found "${text}", expected a port from 0 to 65535.`);
  }
  return Number(text);
}

export function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

export function logLevel(preset: string): Option {
  return new Option('--log-level <level>', 'least level that is logged').choices(LOG_LEVELS).default(preset);
}

/** @returns a whole number above 0; @throws InvalidArgumentError */
export function positiveNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError(`found "${text}", expected a whole number of at least 1.`);
  return Number(text);
}

/** @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`found "${text}", expected a whole number.`);
  return Number(text);
}
