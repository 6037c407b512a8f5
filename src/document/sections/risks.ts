import { heading, list, paragraph } from '../blocks.ts';
import type { Content, Omitted, ReportInput, SectionRecord } from '../input.ts';
import type { Risk } from '../risk.ts';
import { risksIn } from '../risks.ts';

const MAX_RISKS = 60;

/** Risks that follow from the data. */
export const risks: SectionRecord = {
  id: 'risks',
  title: 'Risks',
  make(input): Content | Omitted {
    const all = risksIn(input);
    if (all.length === 0) return { omitted: 'The data show none.' };
    const part = (kind: Risk['kind'], title: string, none: string) => {
      const items = all.filter((r) => r.kind === kind).map((r) => named(input, r));
      const shown = items.slice(0, MAX_RISKS);
      const more = items.length - shown.length;
      return [
        heading(title),
        items.length === 0 ? paragraph(none) : list(shown),
        ...(more > 0 ? [paragraph(`And ${more} more in the JSON.`)] : []),
      ];
    };
    return {
      blocks: [
        ...part('seen', 'Seen', 'Nothing in the data.'),
        ...part('untested', 'Not tested, so not known', 'Nothing.'),
      ],
      values: all,
    };
  },
};

function named({ runs, tables }: ReportInput, { of, text }: Risk): string {
  const isOne = runs.length + tables.length === 1 && runs.every((run) => run.subjects.length === 1);
  return isOne || text.startsWith(`${of} `) ? `${text}.` : `${of}: ${text}.`;
}
