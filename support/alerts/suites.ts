import type { AlertSuite } from './case.ts';
import { ALERT_CASES } from './cases.ts';
import { EDGES } from './edges/list.ts';

/** All tests of alerts, by the name of their file: of each alert those of its states, and those of its edges. */
export const SUITES: Readonly<Record<string, AlertSuite>> = Object.fromEntries(
  ALERT_CASES.flatMap((cases): [string, AlertSuite][] => {
    const { states, more, ...suite } = cases;
    const edges = EDGES[cases.alert] ?? {};
    return [
      [cases.alert, { ...suite, tests: { ...states, ...more } }],
      ...Object.entries(edges).map(([name, own]): [string, AlertSuite] => [
        `${cases.alert}.${name}`,
        { ...suite, ...own },
      ]),
    ];
  }),
);
