import { list, paragraph } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import type { Risk } from '../risk.ts';
import { risksIn } from '../risks.ts';
import { someOf } from '../text.ts';
import { opportunitiesIn } from './optimisation.ts';

const MAX_STEPS = 30;
/** Names, and reasons, of one step. */
const MAX_NAMED = 6;
const MAX_REASONS = 3;

/** What to do with which target, from the risks and from what the data show. */
export const nextSteps: SectionRecord = {
  id: 'next-steps',
  title: 'Next steps',
  make(input): Content | Omitted {
    const risks = risksIn(input);
    const order = [...risks.filter((r) => r.kind === 'seen'), ...risks.filter((r) => r.kind === 'untested')];
    const steps = [...Map.groupBy(order, (r) => r.next)].map(([step, because]) => ({
      step,
      targets: [...new Set(because.flatMap((r) => r.targets))],
      because: because.map(({ of, text }) => ({ of, text })),
    }));
    if (steps.length === 0) return { omitted: 'The data ask for none.' };
    const more = steps.length - MAX_STEPS;
    const changes = opportunitiesIn(input).length;
    return {
      blocks: [
        list(
          steps
            .slice(0, MAX_STEPS)
            .map(
              ({ step, targets, because }) =>
                `${targets.length === 0 ? 'soakd' : someOf(targets, MAX_NAMED)}: ${step}, because ${becauseText(because)}.`,
            ),
        ),
        ...(more > 0 ? [paragraph(`And ${more} more in the JSON.`)] : []),
        ...(changes > 0 ? [paragraph('What to change in the targets: see Optimisation.')] : []),
      ],
      values: steps,
    };
  },
};

/** Writes the reasons, each once; what they are about only where they differ. */
function becauseText(because: readonly Pick<Risk, 'of' | 'text'>[]): string {
  const texts = [...new Set(because.map((b) => b.text))];
  const [only] = texts;
  if (texts.length === 1) return only!;
  return someOf(
    because.map(({ of, text }) => (text.startsWith(`${of} `) ? text : `of ${of}: ${text}`)),
    MAX_REASONS,
  );
}
