/**
 * The same broken answers, in the same bits, through both transports: what comes of a stream must not depend on what
 * carries it. Where the lean reader is stricter, its reason is one of a list. `SOAKD_FUZZ_SEED` tries other numbers.
 */
import assert from 'node:assert/strict';
import type net from 'node:net';
import { it } from 'node:test';
import { seededRandom } from '../../src/core/random.ts';
import { TRANSPORTS, type Transport } from '../../src/core/target.ts';
import { FORMATS, type Format } from '../../src/formats/list.ts';
import type { FramingFault } from '../../src/transport/lean/framing-error.ts';
import { Peer } from '../stream/peer.ts';
import { targetAt, User } from '../stream/user.ts';
import { brokenAnswer } from './broken-answers.ts';
import { leavesNothingOpen } from './handles.ts';

leavesNothingOpen();

const SEED = Number(process.env.SOAKD_FUZZ_SEED ?? 1);
const ANSWERS = Number(process.env.SOAKD_FUZZ_ANSWERS ?? 1500);
const AT_A_TIME = 24;

/** What a stream came to; times are left out. */
interface Fate {
  readonly outcome: string;
  readonly detail: string | undefined;
  readonly status: number | undefined;
  readonly bytes: number;
  readonly chunks: number;
  readonly characters: number;
}

function formatOf(n: number): Format {
  return FORMATS[n % FORMATS.length]!;
}

/** In the same bits every time; then the end of the connection, which no bytes can overtake. */
async function serve(socket: net.Socket, n: number): Promise<void> {
  const random = seededRandom(SEED, n);
  const bytes = brokenAnswer(formatOf(n), random);
  const bits = 1 + Math.floor(random() * 4);
  for (let i = 0; i < bits && !socket.destroyed; i++) {
    socket.write(bytes.subarray((bytes.length * i) / bits, (bytes.length * (i + 1)) / bits));
    if (i + 1 < bits) await new Promise(setImmediate);
  }
  socket.end();
}

async function fateOf(port: number, n: number, transport: Transport): Promise<Fate> {
  const target = targetAt(port, { format: formatOf(n), path: `/${n}`, transport });
  await using user = new User(target);
  const { outcome, stream } = await user.run();
  const { detail, status, bytes, counters } = stream;
  return {
    outcome: outcome!,
    detail,
    status,
    bytes,
    chunks: counters.chunks,
    characters: counters.characters,
  };
}

/** Where the two may differ, and why. Nothing else may. */
const REASONS: readonly {
  readonly why: string;
  readonly holds: (undici: Fate, lean: Fate, answer: string) => boolean;
}[] = [
  {
    why: 'a coding besides chunked, which nobody asked for',
    holds: (_, lean) => isFault(lean, 'BAD_TRANSFER_ENCODING'),
  },
  {
    why: 'a blank line before a head',
    holds: (_, lean, answer) => isFault(lean, 'BAD_STATUS_LINE') && /(^|\r\n\r\n)[\r\n]/.test(answer),
  },
  {
    why: 'a 100 Continue that is not well formed, and is taken off before undici sees it',
    holds: (_, lean, answer) =>
      (isFault(lean, 'BAD_STATUS_LINE') || isFault(lean, 'BAD_FIELD')) && answer.includes('HTTP/1.1 100'),
  },
  {
    why: 'a control character in the reason',
    holds: (_, lean, answer) =>
      isFault(lean, 'BAD_STATUS_LINE') && /\d{3} [^\r\n]*[^\P{Cc}\t\r\n]/u.test(answer),
  },
  {
    why: 'wrong at a byte after which undici waits for another, and none came',
    holds: (undici, lean) => undici.outcome === 'reset' && lean.outcome === 'malformed',
  },
  {
    why: 'a head cut after a wrong content-length, which is looked at when the head is whole',
    holds: (undici, lean) =>
      lean.outcome === 'reset' && lean.status === undefined && /length/i.test(undici.detail ?? ''),
  },
  {
    why: 'a content-length in a 103, which undici takes for that of the answer',
    holds: (undici, _, answer) =>
      undici.detail?.startsWith('UND_ERR_RES_CONTENT_LENGTH_MISMATCH') === true &&
      answer.includes('HTTP/1.1 103'),
  },
  {
    why: 'the grammar of chunk extensions, which nobody reads',
    holds: (undici) => undici.detail?.includes('chunk extensions') === true,
  },
  {
    why: 'an upgrade header in an answer that is none',
    holds: (undici) => undici.detail === 'UND_ERR_SOCKET: bad upgrade',
  },
];

function isFault({ outcome, detail }: Fate, code: FramingFault): boolean {
  return outcome === 'malformed' && detail?.startsWith(`${code}:`) === true;
}

it(`${ANSWERS} broken answers, seed ${SEED}`, async (t) => {
  await using peer = await Peer.listen((socket, nth) =>
    serve(socket, Number(/\/(\d+) /.exec(peer.heads[nth]!)![1])),
  );
  const differences: string[] = [];
  const reasons = new Map<string, number>();
  let next = 0;
  const one = async (): Promise<void> => {
    for (let n = next++; n < ANSWERS; n = next++) {
      const [undici, lean] = (await Promise.all(TRANSPORTS.map((one) => fateOf(peer.port, n, one)))) as [
        Fate,
        Fate,
      ];
      const { detail: _, ...what } = undici;
      const { detail: __, ...other } = lean;
      if (JSON.stringify(what) === JSON.stringify(other)) continue;
      const answer = brokenAnswer(formatOf(n), seededRandom(SEED, n)).toString('latin1');
      const reason = REASONS.find(({ holds }) => holds(undici, lean, answer))?.why;
      if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      else
        differences.push(
          `${n}: ${JSON.stringify(undici)}\n   ${JSON.stringify(lean)}\n   ${JSON.stringify(answer.slice(0, 400))}`,
        );
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
  t.diagnostic(JSON.stringify(Object.fromEntries([...reasons].sort())));
  assert.equal(differences.length, 0, `${differences.length} differ\n${differences.slice(0, 12).join('\n')}`);
});
