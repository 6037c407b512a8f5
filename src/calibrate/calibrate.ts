import { availableParallelism } from 'node:os';
import type { SIMULATOR_PRESETS } from '../catalog/presets.ts';
import type { Config, Scenario } from '../core/scenario.ts';
import { mostUsersOf } from '../core/scenario.ts';
import type { Target } from '../core/target.ts';
import { workersFor } from '../load/engine.ts';
import { preparePlan } from '../run/prepare.ts';
import { setupOf } from '../run/setup.ts';
import { holder } from './hold.ts';
import { rehearsalOf } from './rehearsal.ts';
import { type Capacity, findCapacity, type Held } from './search.ts';

export interface CalibrateOptions {
  readonly config: Config;
  readonly scenario: Scenario;
  /** Pace of chunks for targets that are not the simulator. */
  readonly pace: keyof typeof SIMULATOR_PRESETS;
  /** Maximum number of streams to try. */
  readonly most: number;
  readonly version: string;
  /** Starts the simulator that replaces a target. Returns its URL. */
  readonly simulatorUrl: (target: Target) => Promise<string>;
  /** Called after each try. */
  readonly tried: (held: Held) => void;
}

/** First number of streams to try, unless the scenario has fewer. */
const FIRST = 500;

/**
 * Finds how many streams of a scenario this machine can hold with reliable timings, against built-in simulators on the
 * same machine. Takes one to three minutes; sends nothing to other machines.
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

/** A rehearsal needs no names, files, secrets or tokens. */
const NOTHING_OUTSIDE = {
  resolveSecret: () => '',
  readFile: () => '',
  lookup: () => Promise.resolve([]),
  env: {},
  fetchToken: () => Promise.resolve(''),
};
