import { type Cost, costOf } from '../../analysis/cost.ts';
import { scaleOut } from '../../analysis/scale-out.ts';
import { analysedIn, MAX_ROWS, ofColumn } from '../analysed.ts';
import { tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { recommendedFor } from '../recommended.ts';
import { countText } from '../text.ts';

/** Cost of the servers for a number of users. */
export const cost: SectionRecord = {
  id: 'cost',
  title: 'Cost per user',
  make(input): Content | Omitted {
    const { users, pricePerHour, currency } = input.questions;
    if (pricePerHour === null || users === null) {
      const missing = [
        ...(pricePerHour === null ? ['the price of a server per hour'] : []),
        ...(users === null ? ['the number of users'] : []),
      ];
      return {
        omitted: `Not computed: ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not given.`,
      };
    }
    const known = analysedIn(input).flatMap(({ name, subject }) => {
      const recommended = recommendedFor([subject]);
      if (recommended === null || subject.unit !== 'users' || subject.sharedBy > 1) return [];
      const servers = scaleOut(recommended, users);
      if ('reason' in servers) return [];
      return [{ name, isAtMost: servers.isAtMost, cost: costOf(servers, pricePerHour) }];
    });
    if (known.length === 0)
      return { omitted: 'Not computed: the recommended load of a server is not known.' };
    const money = (of: (cost: Cost) => number) => (k: (typeof known)[number]) =>
      `${k.isAtMost ? 'at most ' : ''}${Number(of(k.cost).toPrecision(4))} ${currency}`;
    return {
      blocks: [
        tableOf(
          `Cost of the servers for ${countText(users)} users at once, one spare among them, at ${pricePerHour} ${currency} per server and hour, and 730.5 hours a month. The price was given, not measured.`,
          [
            ...ofColumn(input),
            { title: 'servers', cell: (k) => `${k.isAtMost ? 'at most ' : ''}${countText(k.cost.servers)}` },
            { title: 'per hour', cell: money((c) => c.perHour) },
            { title: 'per month', cell: money((c) => c.perMonth) },
            { title: 'per user and month', cell: money((c) => c.perUserMonth) },
          ],
          known,
          MAX_ROWS,
        ),
      ],
      values: { users, pricePerHour, currency, of: known },
    };
  },
};
