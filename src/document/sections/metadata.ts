import { END_REASONS } from '../../report/reason.ts';
import type { Block } from '../../schema/report.ts';
import type { Summary } from '../../schema/summary.ts';
import { facts } from '../blocks.ts';
import type { Content, SectionRecord } from '../input.ts';
import { bytesText, countText, msText, numberText, spanText, timeText } from '../text.ts';

export const metadata: SectionRecord = {
  id: 'metadata',
  title: 'Metadata',
  make({ runs, tables, version, writtenAt }): Content {
    return {
      blocks: [
        facts('This report', [
          ['Written by', `soakd ${version}`],
          ['Written at', `${timeText(writtenAt)} UTC`],
        ]),
        ...runs.map(({ name, summary }) => runFacts(name, summary)),
        ...tables.map(({ name, subject }) =>
          facts(`Table ${name}`, [
            ['Levels', String(subject.levels.length)],
            ['Measured by', 'not by soakd'],
          ]),
        ),
      ],
      values: {
        version,
        writtenAt,
        runs: runs.map(({ name, summary: { run, verdict, endReason, generator, history, usage } }) => ({
          name,
          id: run.id,
          scenario: run.scenario,
          startedAt: run.startedAt,
          endedAt: run.endedAt,
          lastedMs: run.lastedMs,
          measuredMs: run.measuredMs,
          verdict,
          endReason,
          generator,
          history,
          usage,
        })),
        tables: tables.map(({ name }) => name),
      },
    };
  },
};

function runFacts(name: string, { run, endReason, generator, history, scheduleLagMs }: Summary): Block {
  return facts(`Run ${name}`, [
    ['Run', run.id],
    ['Scenario', run.scenario],
    ['Time', spanText(run.startedAt, run.endedAt)],
    ['Duration', `${msText(run.lastedMs)}, of which ${msText(run.measuredMs)} were measured`],
    ['End', END_REASONS[endReason]],
    [
      'soakd itself',
      `${numberText(generator.cpuMs / 1000)} s of CPU (with a built-in simulator), ${bytesText(generator.rssMaxBytes)} at most, ${generator.workerRestarts} engine threads replaced`,
    ],
    [
      'Schedule lag, p95',
      `${msText(scheduleLagMs.p95)} (n = ${countText(scheduleLagMs.count)}): how late streams started against the plan. The measurement error is another lag: how late soakd noticed bytes`,
    ],
    ['History', history.kept ? `kept, ${history.writeFailures} failed writes` : 'not kept'],
  ]);
}
