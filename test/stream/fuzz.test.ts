/**
 * Valid answers, broken at random. Whatever comes of it is one outcome for each stream, no error that nobody
 * catches, and no socket left. `SOAKD_FUZZ_SEED` tries other numbers than those of every day.
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { it } from 'node:test';
import { type Random, seededRandom } from '../../src/core/random.ts';
import { FORMATS, type Format } from '../../src/formats/list.ts';
import { brokenAnswer } from '../transport/broken-answers.ts';
import { leavesNothingOpen } from '../transport/handles.ts';
import { throughEach } from '../transport/transports.ts';
import { Peer } from './peer.ts';
import { type Seen, targetAt, User } from './user.ts';

leavesNothingOpen();

const SEED = Number(process.env.SOAKD_FUZZ_SEED ?? 1);
const STREAMS = 2800;
const USERS = 28;

async function serve(socket: net.Socket, format: Format, random: Random): Promise<void> {
  const bytes = brokenAnswer(format, random);
  const reads = 1 + Math.floor(random() * 4);
  for (let i = 0; i < reads && !socket.destroyed; i++) {
    socket.write(bytes.subarray((bytes.length * i) / reads, (bytes.length * (i + 1)) / reads));
    if (i + 1 < reads) await new Promise(setImmediate);
  }
  const end = random();
  // Else it stays open, and what is missing never comes.
  if (end < 0.4) socket.end();
  else if (end < 0.6) socket.resetAndDestroy();
}

throughEach(() => {
  it(`${STREAMS} broken answers, seed ${SEED}`, async (t) => {
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtExceptionMonitor', note);
    t.after(() => process.off('uncaughtExceptionMonitor', note));

    const counts = new Map<string, number>();
    {
      await using peer = await Peer.listen((socket, nth) => {
        const format = /\/([a-z-]+) /.exec(peer.heads[nth]!)![1] as Format;
        return serve(socket, format, seededRandom(SEED, nth));
      });
      let left = STREAMS;
      const one = async (format: Format): Promise<void> => {
        await using user = new User(
          targetAt(peer.port, {
            format,
            path: `/${format}`,
            timeouts: { ttfbMs: 60, idleMs: 60, totalMs: 1000, lingerMs: 30 },
          }),
        );
        while (left-- > 0) {
          const seen: Seen = await user.run();
          const { outcome, stream } = seen;
          counts.set(outcome!, (counts.get(outcome!) ?? 0) + 1);
          // Neither is anything that a target can do.
          if (outcome === 'generator_lost' || outcome === 'cancelled' || outcome === 'connect_error') {
            assert.fail(`${outcome}: ${stream.detail}`);
          }
        }
      };
      await Promise.all(Array.from({ length: USERS }, (_, i) => one(FORMATS[i % FORMATS.length]!)));
      await peer.released();
    }
    t.diagnostic(JSON.stringify(Object.fromEntries([...counts].sort())));
    assert.deepEqual(uncaught, []);
    assert.equal(
      [...counts.values()].reduce((a, b) => a + b, 0),
      STREAMS,
    );
    for (const outcome of ['complete', 'http_error', 'reset', 'malformed', 'ttfb_timeout', 'truncated']) {
      assert.ok(counts.has(outcome), `no ${outcome}: the mutations are not what they should be`);
    }
  });
});
