import type { Report } from '../../schema/report.ts';
import type { Document } from '../document.ts';
import { visibleText } from '../visible-text.ts';

export function jsonReport({ title, subtitle, sections }: Document): string {
  const report: Report = {
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
