import { availableParallelism } from 'node:os';
import type { SIMULATOR_PRESETS } from '../catalog/presets.ts';
import { mostUsersOf } from '../core/peak.ts';
import type { Config, Scenario, Target } from '../core/scenario.ts';
import { workersFor } from '../load/engine.ts';
import { preparePlan } from '../run/prepare.ts';
import { setupOf } from '../run/setup.ts';
import { holder } from './hold.ts';
import { rehearsalOf } from './rehearsal.ts';
import { type Capacity, findCapacity, type Held } from './search.ts';

export interface CalibrateOptions {
  readonly config: Config;
  readonly scenario: Scenario;
  /** How fast chunks come of targets that are no simulator. */
  readonly pace: keyof typeof SIMULATOR_PRESETS;
  /** More streams are never tried. */
  readonly most: number;
  readonly version: string;
  /** Starts the simulator that stands in for a target. @returns its URL */
  readonly simulatorUrl: (target: Target) => Promise<string>;
  /** Told of each try. */
  readonly tried: (held: Held) => void;
}

/** Tried first, where the scenario asks for more. */
const FIRST = 500;

/**
 * Finds how many streams of a scenario this machine holds with timings that can be trusted, against built-in simulators
 * on the same machine. Takes a minute or three; nothing leaves the machine.
 * @throws SoakError CANNOT_START
 */
export async function calibrate(options: CalibrateOptions): Promise<Capacity> {
  const { config, scenario, pace, most, version, simulatorUrl, tried } = options;
  const asked = mostUsersOf(scenario);
  const rehearsal = rehearsalOf(config, scenario, pace);
  const { counted, timingLimits } = setupOf(rehearsal.config);
  const plan = await preparePlan('calibration', rehearsal.config, rehearsal.scenario, {
    ...NOTHING_OUTSIDE,
    version,
    simulatorUrl,
    counted,
    timingLimits,
  });
  const hold = holder({
    plan,
    maxLagMs: config.maxMeasurementLagMs,
    workersFor: (streams) => workersFor(config.workers, streams, availableParallelism()),
  });
  return findCapacity(hold, { from: Math.min(FIRST, asked), most, tried });
}

/** A rehearsal has no names, files, secrets or tokens. */
const NOTHING_OUTSIDE = {
  resolveSecret: () => '',
  readFile: () => '',
  lookup: () => Promise.resolve([]),
  env: {},
  fetchToken: () => Promise.resolve(''),
};
