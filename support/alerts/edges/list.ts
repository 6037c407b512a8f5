import type { AlertSuite } from '../case.ts';
import { BURN_EDGES } from './burn.ts';
import { INSTANCE_EDGES } from './instances.ts';
import { targetEdges } from './target-edges.ts';
import { TARGET_KINDS } from './targets.ts';

type Tests = Pick<AlertSuite, 'tests' | 'every' | 'sampled'>;

/** Files of tests at and around the edges of the rules, by alert and by name. */
export const EDGES: Readonly<Record<string, Readonly<Record<string, Tests>>>> = {
  ...Object.fromEntries(
    Object.entries(TARGET_KINDS).map(([alert, kind]) => {
      const every = `${kind.tickS}s`;
      return [
        alert,
        { edges: { every, sampled: every, tests: { 'each edge by itself': targetEdges(kind) } } },
      ];
    }),
  ),
  SoakErrorBudgetBurn: BURN_EDGES,
  ...INSTANCE_EDGES,
};
