import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FreshToken } from '../../src/core/target.ts';
import type { Engine } from '../../src/load/engine.ts';
import { goodForMs, retryAfterMs, Tokens } from '../../src/run/tokens.ts';
import { withToken } from '../../src/stream/request.ts';
import { closed, planOf, streamTarget } from '../../support/load/samples.ts';

const file: FreshToken = { kind: 'file', file: '/token', everyMs: 60_000 };
const command: FreshToken = { kind: 'command', command: ['x'], lifetimeMs: 600_000 };

describe('when a token is due again', () => {
  const table: readonly [source: FreshToken, ms: number][] = [
    [file, 60_000],
    [command, 540_000],
    [{ ...command, lifetimeMs: 1000 }, 900],
    [{ ...command, lifetimeMs: 3_600_000 }, 3_300_000],
    [{ ...command, lifetimeMs: 86_400_000 }, 86_100_000],
  ];
  for (const [source, ms] of table)
    it(`${JSON.stringify(source)}: ${ms} ms`, () => assert.equal(goodForMs(source), ms));

  it('after failures: from a second, doubling, to a minute', () => {
    assert.deepEqual(
      [1, 2, 3, 6, 7, 8, 1000].map(retryAfterMs),
      [1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000],
    );
  });
});

describe('tokens of a run', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** Each fetch gives the next of these; an error fails. */
  function running(source: FreshToken, fetched: (string | Error)[]) {
    const drained = Promise.withResolvers<void>();
    const renewed: [number, string][] = [];
    const lines: string[] = [];
    let fetches = 0;
    const log = (facts: object, text: string): void => void lines.push(`${JSON.stringify(facts)} ${text}`);
    const tokens = new Tokens({
      fetch: async () => {
        const next = fetched[Math.min(fetches++, fetched.length - 1)]!;
        if (next instanceof Error) throw next;
        return next;
      },
      log: { info: log, warn: log },
    });
    const plan = planOf(closed(), [
      streamTarget('plain'),
      streamTarget('fresh', { tokens: { source, known: ['planted-0'] } }),
    ]);
    const engine = {
      renew: (target: number, token: string) => void renewed.push([target, token]),
      drained: drained.promise,
    } as unknown as Engine;
    const pass = async (ms: number): Promise<void> => {
      mock.timers.tick(ms);
      await setImmediate();
      await setImmediate();
    };
    return {
      tokens,
      renewed,
      lines,
      drained,
      pass,
      begin: () => tokens.keep(plan, async () => engine),
      count: () => fetches,
    };
  }

  it('reach the engine when there is another one, and only then', async () => {
    const { begin, pass, renewed, tokens, lines, count } = running(file, [
      'planted-0',
      'planted-0',
      'planted-1',
    ]);
    await begin();
    await pass(59_000);
    assert.equal(count(), 0);
    for (let i = 0; i < 3; i++) await pass(60_000);
    assert.deepEqual([renewed, count()], [[[1, 'planted-1']], 3]);
    assert.deepEqual(
      [
        tokens.count('fresh', 'refreshed'),
        tokens.count('fresh', 'failed'),
        tokens.count('plain', 'refreshed'),
      ],
      [3, 0, 0],
    );
    assert.equal(lines.length, 1);
    assert.doesNotMatch(lines.join(), /planted/);
  });

  it('stay as they are where there is no other, which is tried for again and told', async () => {
    const failure = new Error('/token cannot be read: ENOENT');
    const { begin, pass, renewed, tokens, lines } = running(command, [
      failure,
      failure,
      failure,
      'planted-1',
    ]);
    await begin();
    await pass(540_000);
    assert.deepEqual([renewed, lines.length], [[], 1]);
    assert.match(
      lines[0]!,
      /"target":"fresh","err":"\/token cannot be read: ENOENT","failures":1,"retryInMs":1000.*streams keep the previous token/,
    );
    await pass(1000);
    await pass(2000);
    assert.equal(tokens.count('fresh', 'failed'), 3);
    await pass(4000);
    assert.deepEqual(renewed, [[1, 'planted-1']]);
    assert.deepEqual([tokens.count('fresh', 'failed'), tokens.count('fresh', 'refreshed')], [3, 1]);
    assert.match(lines.at(-1)!, /"target":"fresh","failures":3.*bearer token refreshed/);
    assert.doesNotMatch(lines.join(), /planted/);
  });

  it('are left alone when the run is over', async () => {
    const { begin, pass, drained, count } = running(file, ['planted-1']);
    await begin();
    drained.resolve();
    await setImmediate();
    await pass(600_000);
    assert.equal(count(), 0);
  });

  it('are not looked at for a run that could not begin', async () => {
    const { tokens, pass, count } = running(file, ['planted-1']);
    const plan = planOf(closed(), [streamTarget('a', { tokens: { source: file, known: ['x'] } })]);
    await assert.rejects(
      tokens.keep(plan, () => Promise.reject(new Error('no engine'))),
      /no engine/,
    );
    await pass(600_000);
    assert.equal(count(), 0);
  });
});

describe('a target with another token', () => {
  const target = streamTarget('a', {
    headers: ['accept', '*/*', 'authorization', 'Bearer t0', 'x', 'y'],
    secrets: ['fixed', 't0'],
    tokens: { source: file, known: ['t0'] },
  });

  it('sends it, and hides the old one, too', () => {
    const next = withToken(target, 't1');
    assert.deepEqual(next.headers, ['accept', '*/*', 'authorization', 'Bearer t1', 'x', 'y']);
    assert.deepEqual(next.secrets, ['fixed', 't1', 't0']);
    // Streams that are open have the one they had.
    assert.deepEqual([target.headers[3], target.secrets], ['Bearer t0', ['fixed', 't0']]);
  });

  it('remembers a few, however many there were', () => {
    let last = target;
    for (let i = 1; i <= 1000; i++) last = withToken(last, `t${i}`);
    assert.deepEqual(last.secrets, [
      'fixed',
      ...[1000, 999, 998, 997, 996, 995, 994, 993].map((i) => `t${i}`),
    ]);
    last = withToken(last, 't995');
    assert.deepEqual(last.secrets.slice(0, 3), ['fixed', 't995', 't1000']);
    assert.equal(last.secrets.length, 9);
  });

  it('is the same where none is refreshed', () => {
    const plain = streamTarget('a');
    assert.equal(withToken(plain, 't1'), plain);
  });
});
