import type { Model } from '../core/scenario.ts';
import type { Summary } from '../schema/summary.ts';
import type { Refusal } from './comparison.ts';
import { commonLoads, heldLevels, loadsText } from './levels.ts';
import type { ComparedRun } from './run.ts';

/** Returns the names of the targets of both runs, in the order of the first. */
export function commonTargets(a: Summary, b: Summary): string[] {
  const names = new Set(b.targets.map(({ name }) => name));
  return a.targets.map(({ name }) => name).filter((name) => names.has(name));
}

export function noCommonTarget(a: ComparedRun, b: ComparedRun): Refusal | undefined {
  if (commonTargets(a.summary, b.summary).length > 0) return undefined;
  const names = ({ id, summary }: ComparedRun): string =>
    `${id} has ${summary.targets.map(({ name }) => name).join(', ') || 'none'}`;
  return { reason: 'no-common-target', text: `the runs have no target in common: ${names(a)}; ${names(b)}` };
}

/** Refuses runs whose streams start by different rules: the same number of users is then another load. */
export function differentModel(a: Summary, b: Summary): Refusal | undefined {
  const [of, other] = [modelText(a.setup.model), modelText(b.setup.model)];
  if (of === other) return undefined;
  return { reason: 'different-model', text: `the load models differ: ${of}; ${other}` };
}

function modelText(model: Model): string {
  if (model.kind === 'open') return `open, ${model.arrivals} arrivals`;
  const { kind, ...values } = model.thinkTimeMs;
  return `closed, think time ${[kind, ...Object.entries(values).map(([k, v]) => `${k} ${v}`)].join(' ')}`;
}

export function noCommonLevel(a: Summary, b: Summary, targets: readonly string[]): Refusal | undefined {
  const loads = (summary: Summary, target: string): string =>
    loadsText(heldLevels(summary, target), summary.setup.model.kind);
  if (targets.some((t) => commonLoads(heldLevels(a, t), heldLevels(b, t)).length > 0)) return undefined;
  const [target] = targets;
  return {
    reason: 'no-common-level',
    text: `the runs held no constant load in common: on ${target} ${loads(a, target!)}; ${loads(b, target!)}`,
  };
}
