import type { Block } from '../../schema/report.ts';
import { analysedIn, loadText, ofColumn, useOf, windowText } from '../analysed.ts';
import { paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord, TargetUse } from '../input.ts';
import { bytesText, shareText } from '../text.ts';

const MAX_USE_ROWS = 200;

/** CPU, memory and network of the targets, as their Prometheus has them. */
export const secondaryObservations: SectionRecord = {
  id: 'secondary-observations',
  title: 'CPU, memory and network of the target',
  make(input): Content | Omitted {
    const rows = analysedIn(input).flatMap(({ name, subject, run }) =>
      useOf({ run, subject }).flatMap((use) => {
        const level = subject.levels[use.level];
        return level === undefined || !isKnown(use) ? [] : [{ name, subject, level, use }];
      }),
    );
    const reasons = input.runs.flatMap(({ name, use, useReason }) =>
      use !== null && useReason === null
        ? []
        : [
            `${input.runs.length > 1 ? `${name}: ` : ''}${useReason ?? 'no Prometheus was asked: give --prometheus'}`,
          ],
    );
    if (rows.length === 0) {
      const table =
        input.tables.length === 0 ? [] : ['a table states no use of the target that was measured'];
      return {
        omitted: `Not measured: ${[...reasons, ...table].join('; ') || 'the Prometheus has no series for it'}.`,
      };
    }
    return {
      blocks: [
        tableOf(
          'Use of the target while a level was held, from its Prometheus: means and maxima over the time of the level. CPU and memory are shares of what its host has; the network is without loopback.',
          [
            ...ofColumn(input),
            { title: 'load', cell: (r) => loadText(r.level.load, r.subject) },
            { title: 'time', align: 'left', cell: (r) => windowText(r.level) },
            { title: 'CPU, mean', cell: (r) => shareText(r.use.cpuMean) },
            { title: 'CPU, max', cell: (r) => shareText(r.use.cpuMax) },
            { title: 'memory, mean', cell: (r) => shareText(r.use.memoryMean) },
            { title: 'memory, max', cell: (r) => shareText(r.use.memoryMax) },
            { title: 'received/s', cell: (r) => bytesText(r.use.receiveBytesPerSecond) },
            { title: 'sent/s', cell: (r) => bytesText(r.use.transmitBytesPerSecond) },
          ],
          rows,
          MAX_USE_ROWS,
        ),
        ...reasons.map((reason): Block => paragraph(`Not measured: ${reason}.`)),
      ],
      values: rows.map(({ name, level, use }) => ({ of: name, load: level.load, ...use })),
    };
  },
};

function isKnown({ level: _, ...values }: TargetUse): boolean {
  return Object.values(values).some((v) => v !== null);
}
