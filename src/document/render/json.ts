import type { Block, Document } from '../document.ts';
import { visibleText } from '../visible-text.ts';

/** The report as JSON. Later versions add keys and change existing ones only with a new schema number. */
export interface ReportJson {
  readonly schema: 1;
  readonly title: string;
  readonly subtitle: readonly string[];
  readonly sections: readonly {
    readonly id: string;
    readonly title: string;
    /** Why the section has no content; absent where it has. */
    readonly omitted?: string;
    /** Values of the section; absent where it is left out. */
    readonly values?: unknown;
    /** The same for people. Names are as they are in the run. */
    readonly blocks?: readonly Block[];
  }[];
}

export function jsonReport({ title, subtitle, sections }: Document): string {
  const report: ReportJson = {
    schema: 1,
    title: visibleText(title),
    subtitle: subtitle.map(visibleText),
    sections: sections.map((section) =>
      'omitted' in section
        ? { id: section.id, title: section.title, omitted: section.omitted }
        : { id: section.id, title: section.title, values: section.values, blocks: section.blocks },
    ),
  };
  return `${JSON.stringify(report, null, 1)}\n`;
}
