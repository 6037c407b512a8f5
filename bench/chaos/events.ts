import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/core/random.ts';
import type { SmallDisk } from '../../support/small-disk.ts';
import type { ChaosService } from './service.ts';
import type { ChaosTarget } from './target.ts';

/** What events act on. */
export interface ChaosContext {
  readonly service: ChaosService;
  readonly target: ChaosTarget;
  /** Absent where this user cannot mount one. */
  readonly disk: SmallDisk | undefined;
  readonly random: Random;
  readonly users: number;
  /** Idle connections to open. */
  readonly idle: number;
  /** Longest time for which a process is stopped, ms. */
  readonly stoppedMs: number;
  /** The configuration. @param version changes a part of it */
  readonly yaml: (version: number) => string;
  /** Adds streams whose end cannot be known by both sides. */
  readonly mayDiffer: (streams: number) => void;
  readonly problem: (text: string) => void;
}

/** A kill loses what was not yet in the history: at most this, with the time to write on a busy machine, ms. */
const MAY_LOSE_MS = 3000;

/** All events, by name. Each ends with everything answering again. */
export const EVENTS: Readonly<Record<string, (context: ChaosContext) => Promise<void>>> = {
  'soakd stopped': ({ service, random, stoppedMs }) => service.stopFor(stoppedMs * (0.5 + random() / 2)),
  'target stopped': ({ target, random, stoppedMs }) => target.stopFor(stoppedMs * (0.5 + random() / 2)),
  async 'target killed'({ target, random, users, mayDiffer }) {
    // Streams that were open, and those that began between the answer and the kill.
    mayDiffer((await target.killAndRestart(1000 * random())) + users);
  },
  async 'soakd killed'({ service, target, random, mayDiffer }) {
    await target.ask().catch(() => {});
    const last = target.truths.at(-1)!;
    const then = target.truths.find(({ at }) => at >= last.at - MAY_LOSE_MS) ?? last;
    await service.killAndRestart(1000 * random());
    await target.ask().catch(() => {});
    const now = target.truths.at(-1)!;
    mayDiffer(now.ended - then.ended + last.active);
  },
  async 'disk full'({ disk, stoppedMs }) {
    if (disk === undefined) return;
    disk.fill();
    await sleep(stoppedMs / 2);
    disk.free();
    // The history writes what it kept back before anything kills soakd.
    await sleep(2500);
  },
  async 'output closed'({ service }) {
    service.closeOutput();
  },
  async 'idle connections'({ service, idle, stoppedMs }) {
    const { hostname, port } = new URL(service.url);
    const sockets: Socket[] = [];
    for (let i = 0; i < idle; i++) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      sockets.push(socket);
    }
    await sleep(stoppedMs);
    for (const socket of sockets) socket.destroy();
  },
  async 'good reload'({ service, random, yaml, problem }) {
    await service.write(yaml(1 + Math.floor(random() * 1000)));
    const { status, text } = await service.request('POST', '/-/reload');
    if (status !== 200) problem(`a good reload answered ${status}: ${text.slice(0, 300)}`);
  },
  async 'bad reload'({ service, yaml, problem }) {
    await service.write('targets: [');
    service.hangUp();
    const { status } = await service.request('POST', '/-/reload');
    if (status < 400 || status >= 500) problem(`a bad reload answered ${status}`);
    await service.write(yaml(0));
    await service.request('POST', '/-/reload');
  },
  async 'users changed'({ service, users, random, problem }) {
    const wanted = Math.max(1, Math.round(users * (0.4 + 0.6 * random())));
    const { status, text } = await service.request('PATCH', '/api/v1/runs/current', { users: wanted });
    if (status !== 200) problem(`a change of users answered ${status}: ${text.slice(0, 300)}`);
  },
};
