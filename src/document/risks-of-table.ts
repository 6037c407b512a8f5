import { loadText } from './analysed.ts';
import type { ReportedTable, TableMethod } from './input.ts';
import { jumpText, patternOfLevels } from './load-pattern.ts';
import { type Risk, untested } from './risk.ts';

const NOT_STATED: TableMethod = { network: null, oneMachine: null, start: null };

/**
 * Returns what a table leaves open. How the load was made is taken from the levels where they show it: what the text of the
 * report says of itself decides nothing.
 */
export function risksOfTable({ name, subject, method = NOT_STATED }: ReportedTable): Risk[] {
  const { levels } = subject;
  const knowsError = levels.some((l) => Object.values(l.timings).some((t) => t?.errorMs != null));
  const oneWave = subject.unit === 'users' && levels.every((l) => l.streams === l.load);
  const open = (text: string, next: string): Risk => untested(name, text, next);
  return [
    ...(knowsError
      ? []
      : [
          open(
            "the table states no measurement error: how much of a timing was the generator's own lag is not known",
            'repeat the levels with soakd run',
          ),
        ]),
    ...(oneWave
      ? [
          open(
            'each level had one wave of streams, one stream for each user: the load was held for no longer than one stream lasts, and no stream started while others ran',
            'hold each level for minutes, with users who start one stream after another',
          ),
        ]
      : levels.some((l) => l.seconds !== null)
        ? []
        : [
            open(
              'the table states no length of its levels: whether they were held long enough is not known',
              'hold each level for minutes, with users who start one stream after another',
            ),
          ]),
    ...networkRisks(open, method.network),
    ...machineRisks(open, method.oneMachine),
    ...startRisks(open, subject, method.start),
  ];
}

type Open = (text: string, next: string) => Risk;

function networkRisks(open: Open, network: TableMethod['network']): Risk[] {
  const next = 'repeat it over the network that users come through';
  if (network === 'network') return [];
  return network === 'loopback'
    ? [open('the load came over loopback: there was no latency and no loss of a network', next)]
    : [open('whether there was a network between load and server is not stated', next)];
}

function machineRisks(open: Open, oneMachine: boolean | null): Risk[] {
  const next = 'make the load on another machine than the server';
  if (oneMachine === false) return [];
  return oneMachine === true
    ? [
        open(
          'load and server shared one machine: each took CPU from the other, so a part of the slowdown may be the load generator',
          next,
        ),
      ]
    : [open('whether load and server shared a machine is not stated', next)];
}

function startRisks(open: Open, subject: ReportedTable['subject'], start: TableMethod['start']): Risk[] {
  const pattern = patternOfLevels(subject.levels.map((l) => l.load));
  if (pattern.falls) return [];
  const tested =
    start === 'at-once'
      ? `the simultaneous start of all users of a level was tested (${jumpText(pattern, (load) => loadText(load, subject))}, from none)`
      : start === 'spread'
        ? 'users started one after another'
        : 'how users started is not stated';
  return [
    open(
      `${tested}; a short spike on top of a running load, and recovery after it, were not tested`,
      'add a spike to a load that is held',
    ),
  ];
}
