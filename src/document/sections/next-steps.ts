import { list, paragraph } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { risksIn } from '../risks.ts';
import { someOf } from '../text.ts';
import { opportunitiesIn } from './optimisation.ts';

const MAX_STEPS = 30;

/** What to do, from the risks and from what the data show. */
export const nextSteps: SectionRecord = {
  id: 'next-steps',
  title: 'Next steps',
  make(input): Content | Omitted {
    const risks = risksIn(input);
    const order = [...risks.filter((r) => r.kind === 'seen'), ...risks.filter((r) => r.kind === 'untested')];
    const steps = [...Map.groupBy(order, (r) => r.next)].map(([step, because]) => ({
      step,
      because: because.map(({ of, text }) => ({ of, text })),
    }));
    if (steps.length === 0) return { omitted: 'The data ask for none.' };
    const more = steps.length - MAX_STEPS;
    const changes = opportunitiesIn(input).length;
    return {
      blocks: [
        list(
          steps.slice(0, MAX_STEPS).map(
            ({ step, because }) =>
              `${step[0]!.toUpperCase()}${step.slice(1)}, because of: ${someOf(
                because.map((b) => b.text),
                3,
              )}.`,
          ),
        ),
        ...(more > 0 ? [paragraph(`And ${more} more in the JSON.`)] : []),
        ...(changes > 0 ? [paragraph('What to change in the targets: see Optimisation.')] : []),
      ],
      values: steps,
    };
  },
};
