import type { Document, Section } from './document.ts';
import type { ReportInput } from './input.ts';
import { SECTIONS } from './sections/list.ts';
import { plural, timeText } from './text.ts';

/** Makes the report. Pure: the same input gives the same document. */
export function makeDocument(input: ReportInput): Document {
  return {
    title: titleOf(input),
    subtitle: [
      ...input.runs.map(({ name, summary: { run, verdict } }) => {
        const id = name === run.id ? '' : ` (${name})`;
        return `Run ${run.id}${id} of scenario ${run.scenario}, ${timeText(run.startedAt)} to ${timeText(run.endedAt)} UTC: ${verdict.toUpperCase()}`;
      }),
      ...input.tables.map(({ name, subject }) => `Table ${name}: ${plural(subject.levels.length, 'level')}`),
      `Written by soakd ${input.version}, ${timeText(input.writtenAt)} UTC`,
    ],
    sections: SECTIONS.map(
      ({ id, title, make }): Section => ({
        id,
        title,
        ...make(input),
      }),
    ),
  };
}

function titleOf({ runs, tables }: ReportInput): string {
  const names = [
    ...new Set([...runs.map(({ summary }) => summary.run.scenario), ...tables.map(({ name }) => name)]),
  ];
  return `Load report: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`;
}
