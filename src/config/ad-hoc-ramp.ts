import { type AdHocFlags, FLAGS, flagOrigin, RUN } from './ad-hoc-flags.ts';
import type { Origin, Path, Problem } from './problem.ts';

interface GivenStage {
  readonly shape?: string;
  readonly users?: unknown;
  readonly rate?: unknown;
  readonly for?: unknown;
}

const STAGES: Path = [...RUN, 'stages'];

/**
 * Puts a ramp from 0 ahead of the one stage that flags make.
 * @param data a configuration with the scenario of flags
 * @param length duration of the ramp, as typed
 */
export function addRamp(data: Record<string, unknown>, length: string): void {
  const scenario = RUN.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], data);
  const { stages } = scenario as { stages: [GivenStage, ...GivenStage[]] };
  const [{ users, rate }] = stages;
  const rise = rate === undefined ? { users: { from: 0, to: users } } : { rate: { from: 0, to: rate } };
  stages.unshift({ shape: 'ramp', ...rise, for: length });
}

/** Returns the origin of problems for flags of which `--ramp` moves the stage of the others. */
export function rampOrigin({ ramp }: Pick<AdHocFlags, 'ramp'>): Origin {
  if (ramp === undefined) return flagOrigin;
  return { ...flagOrigin, place: (path, at) => flagOrigin.place(unmoved(path), at) };
}

/** Leaves out what is wrong with the level of the ramp where the same is said of the stage behind it. */
export function withoutRepeats(
  problems: readonly Problem[],
  { ramp }: Pick<AdHocFlags, 'ramp'>,
): readonly Problem[] {
  const isLevel = ({ path }: Problem, stage: number): boolean =>
    inStage(path, stage) && path[STAGES.length + 1] !== 'for';
  if (ramp === undefined || !problems.some((problem) => isLevel(problem, 1))) return problems;
  return problems.filter((problem) => !isLevel(problem, 0));
}

function unmoved(path: Path): Path {
  if (inStage(path, 0)) return path[STAGES.length + 1] === 'for' ? FLAGS.ramp.path : path;
  return inStage(path, 1) ? [...STAGES, 0, ...path.slice(STAGES.length + 1)] : path;
}

function inStage(path: Path, index: number): boolean {
  return [...STAGES, index].every((step, i) => path[i] === step);
}
