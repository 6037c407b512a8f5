import type { Subject } from '../../analysis/level-point.ts';
import { type ScaleOut, scaleOut } from '../../analysis/scale-out.ts';
import { analysedIn, heldBy, loadText, MAX_ROWS, ofColumn } from '../analysed.ts';
import { paragraph, tableOf } from '../blocks.ts';
import type { Content, Omitted, SectionRecord } from '../input.ts';
import { countText } from '../text.ts';

/** Servers for a number of users. */
export const deployment: SectionRecord = {
  id: 'deployment',
  title: 'Deployment and scale-out',
  make(input): Content | Omitted {
    const { users } = input.questions;
    const all = analysedIn(input).map((a) => ({ ...a, held: heldBy(a.subject) }));
    const known = all.flatMap(({ held, ...a }) => {
      if ('reason' in held || held.conservative === null || a.subject.unit !== 'users') return [];
      // The load of the plan is that of all its targets: what one of them takes alone is not known.
      if (a.subject.sharedBy > 1) return [];
      const servers = users === null ? null : scaleOut(held, users);
      return [{ ...a, held, servers: servers !== null && 'reason' in servers ? null : servers }];
    });
    if (known.length === 0) return { omitted: reasonOf(all) };
    return {
      blocks: [
        tableOf<(typeof known)[number]>(
          'Servers by the conservative load: the largest at which all limits hold with 20 % headroom. One more is a spare, so that one may fail or be replaced.',
          [
            ...ofColumn(input),
            {
              title: 'users per server',
              cell: (k) =>
                `${k.held.isConservativeAtLeast ? 'at least ' : ''}${loadText(k.held.conservative, k.subject)}`,
            },
            {
              title: 'scale out before',
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
      values: known.map(({ name, held, servers }) => ({
        of: name,
        perServer: held.conservative,
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
  return 'No load held its limits with 20 % headroom, so one server cannot be counted with.';
}
