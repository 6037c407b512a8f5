import type { Subject } from '../../analysis/level-point.ts';
import { type ScaleOut, scaleOut } from '../../analysis/scale-out.ts';
import { analysedIn, heldBy, loadText, MAX_ROWS, ofColumn } from '../analysed.ts';
import { paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { recommendedFor, recommendedText } from '../recommended.ts';
import { countText } from '../text.ts';

/** Servers for a number of users. */
export const deployment: SectionRecord = {
  id: 'deployment',
  title: 'Deployment and scale-out',
  make(input): Content | Omitted {
    const { users } = input.questions;
    const all = analysedIn(input).map((a) => ({ ...a, held: heldBy(a.subject) }));
    const known = all.flatMap(({ held, ...a }) => {
      const recommended = recommendedFor([a.subject]);
      if ('reason' in held || recommended === null || recommended.load === null) return [];
      if (a.subject.unit !== 'users') return [];
      // The load of the plan is that of all its targets: what one of them takes alone is not known.
      if (a.subject.sharedBy > 1) return [];
      const servers = users === null ? null : scaleOut(recommended, users);
      return [{ ...a, held, recommended, servers: servers !== null && 'reason' in servers ? null : servers }];
    });
    if (known.length === 0) return { omitted: reasonOf(all) };
    return {
      blocks: [
        tableOf<(typeof known)[number]>(
          'Servers by the recommended load: the largest at which all limits hold with a margin of 20 %. One more is a spare, so that one may fail or be replaced.',
          [
            ...ofColumn(input),
            {
              title: 'recommended per server',
              cell: (k) => recommendedText([k.subject]),
            },
            {
              title: 'limits end above',
              note: 'Above the load at which the limits end, a server has nothing in reserve: add one before it is reached.',
              cell: (k) =>
                k.held.isAtLeast ? 'not known: nothing was crossed' : loadText(k.held.maximum, k.subject),
            },
            { title: 'users', cell: () => (users === null ? 'not given' : countText(users)) },
            { title: 'servers', cell: (k) => serversText(k.servers, (s) => s.servers) },
            { title: 'with a spare', cell: (k) => serversText(k.servers, (s) => s.withSpare) },
          ],
          known,
          MAX_ROWS,
        ),
        ...(users === null ? [paragraph('For a number of servers give the users: --users N.')] : []),
        paragraph(
          'That several servers carry their loads side by side was not measured: what they share (a balancer, a database, the model behind them) may give first.',
        ),
      ],
      values: known.map(({ name, held, recommended, servers }) => ({
        of: name,
        perServer: recommended.load,
        scaleOutBefore: held.isAtLeast ? null : held.maximum,
        ...(servers === null ? {} : { scaleOut: servers }),
      })),
    };
  },
};

function serversText(servers: ScaleOut | null, count: (servers: ScaleOut) => number): string {
  if (servers === null) return '–';
  return servers.isAtMost ? `at most ${countText(count(servers))}` : countText(count(servers));
}

function reasonOf(
  all: readonly { readonly subject: Pick<Subject, 'unit' | 'sharedBy'>; readonly held: object }[],
): string {
  if (all.some(({ subject }) => subject.unit !== 'users'))
    return 'The load was streams per second: how many users cause them is not known.';
  if (all.some(({ subject }) => subject.sharedBy > 1))
    return 'The load was shared by several targets, so what one server takes alone was not measured: run each target by itself.';
  if (all.every(({ held }) => 'reason' in held)) return 'The capacity of a server is not known.';
  return 'No load held its limits with a margin of 20 %, so one server cannot be counted with.';
}
