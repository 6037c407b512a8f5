import type { ReportedRun } from '../../src/document/input.ts';
import type { Summary } from '../../src/schema/summary.ts';
import { madeReportedRun, STARTED_AT } from '../../support/document/made.ts';
import { HOSTILE } from '../../support/report/checked.ts';

/** Names that a report must neither obey nor break at. */
export const NAMES: readonly string[] = [
  ...HOSTILE,
  '</title></style></script><img src=x onerror=alert(1)>',
  `"onmouseover="alert(1)" x='`,
  'x'.repeat(60),
  'שלום עולם \u202eעברית',
  'اسم الهدف',
  '``` \n# heading\n- item\n<!-- ',
  '](javascript:alert(1)) [x]: javascript:alert(1)',
  '# not a heading',
  '- not an item',
  '12) not a list',
  'two\nlines\r\nand three',
];

/** Fields that hold text of a configuration, of a target or of a command line. */
const FREE: readonly string[] = [
  ...['id', 'scenario', 'name', 'target', 'detail', 'by', 'measure', 'verdictReason', 'text', 'failing'],
  ...['url', 'format', 'transport', 'command', 'key', 'value', 'revision', 'version', 'node', 'platform'],
  ...['configurationHash', 'label', 'useReason'],
];

function replaced(value: unknown, name: string, key = ''): unknown {
  if (typeof value === 'string') return FREE.includes(key) ? name : value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, name, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, inner]) => [k, replaced(inner, name, k)]));
}

/** Returns a run in which every free text is this one. */
export function hostileRun(name: string): ReportedRun {
  const at = (ms: number): string => new Date(STARTED_AT + ms).toISOString();
  const base = madeReportedRun();
  const [target] = base.summary.setup.targets;
  const summary: Partial<Summary> = {
    thresholds: [
      { ...base.summary.thresholds[0]!, result: 'fail', observed: 4100 },
      { ...base.summary.thresholds[0]!, threshold: name, result: 'fail', observed: 4100 },
    ],
    run: {
      ...base.summary.run,
      events: [
        { at: at(0), action: 'start', by: 'local', detail: 'x' },
        { at: at(9000), action: 'set', by: 'x', detail: 'x' },
      ],
      gaps: [{ fromAt: at(20_000), toAt: at(30_000), lost: 4 }],
    },
    setup: {
      ...base.summary.setup,
      command: 'x',
      targets: [{ ...target!, labels: { [name]: name } }],
      changed: [{ key: 'x', value: 'x', default: 'x' }],
    },
    outages: [
      {
        target: 'a',
        from: at(40_000),
        to: at(50_000),
        servedAgainAt: null,
        lastedMs: 10_000,
        outcomes: { reset: 3 },
      },
    ],
    failures: [
      {
        target: 'a',
        outcome: 'reset',
        count: 3,
        firstAt: at(1000),
        lastAt: at(2000),
        examples: [{ id: 'x', detail: 'x' } as unknown as Summary['failures'][number]['examples'][number]],
      },
    ],
    bufferedTargets: [{ target: 'a', streams: 3, of: 10 }],
    batchedTargets: [{ target: 'a', chunksPerRead: 6 }],
    history: { kept: true, writeFailures: 1, failing: 'x' },
    drift: {
      evaluated: 5,
      notEvaluated: 0,
      periodic: [],
      found: [
        {
          signal: 'ttfb-p95',
          target: 'a',
          unit: 'ms',
          kind: 'trend',
          slopePerHour: 1,
          interval: [0.5, 1.5],
          since: at(0),
          level: 100,
          limit: null,
          reachesLimitInMs: null,
          windows: 60,
          text: 'x',
        },
      ],
    } as unknown as Summary['drift'],
  };
  return replaced(madeReportedRun({ summary }), name) as ReportedRun;
}
