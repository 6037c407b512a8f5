import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoakError } from '../../src/core/errors.ts';
import { type AskRange, checkMatchers, readTargetUse } from '../../src/document/target-use.ts';
import { level, subject } from '../analysis/levels.ts';

const FROM = 1_800_000_000_000;
const MINUTE = 60_000;

/** Two levels of two minutes each. */
const SUBJECT = subject([
  level(10, { fromAt: FROM, toAt: FROM + 2 * MINUTE }),
  level(20, { fromAt: FROM + 2 * MINUTE, toAt: FROM + 4 * MINUTE }),
]);

const steady =
  (values: Readonly<Record<string, number>>): AskRange =>
  async ({ query, fromAt, toAt, stepMs }) => {
    const [, value] = Object.entries(values).find(([part]) => query.includes(part)) ?? [];
    if (value === undefined) return [];
    const count = Math.floor((toAt - fromAt) / stepMs) + 1;
    return Array.from({ length: count }, (_, i) => ({ at: fromAt + i * stepMs, value }));
  };

describe('label matchers', () => {
  for (const good of ['instance="a:9100"', ' a=~"b|c,d", x!="}"', 'name="{target}"', 'a="\\""'])
    it(`may be ${good}`, () => assert.equal(checkMatchers(good), good));
  for (const bad of ['', 'a', 'a="b"} or up{', 'a="b" or c="d"', 'a="b",', 'a=b', ',a="b"', 'a="b\\"'])
    it(`are rejected: ${bad}`, () =>
      assert.throws(() => checkMatchers(bad), /--prometheus-labels: found .*expected label matchers/));
});

describe('the use of a target', () => {
  it('is read for each level, and rates only where they look at that level alone', async () => {
    const asked: string[] = [];
    const { use, useReason } = await readTargetUse([SUBJECT], 'instance="x"', async (question) => {
      asked.push(question.query);
      const values = await steady({ node_cpu: 0, node_memory: 0.4, receive: 1000, transmit: 2000 })(question);
      if (!question.query.includes('node_cpu')) return values;
      // The CPU is at 0.9 in the second level alone, and its rate sees that for a minute after it began.
      return values.map(({ at }) => ({
        at,
        value: at <= FROM + 2 * MINUTE ? 0.2 : at < FROM + 3 * MINUTE ? 0.55 : 0.9,
      }));
    });
    assert.equal(useReason, null);
    assert.equal(asked.length, 4);
    for (const query of asked) assert.match(query, /instance="x"/);
    const near = (n: number | null, value: number) => assert.ok(Math.abs(n! - value) < 0.05, `${n}`);
    const [first, second] = use!.a!;
    near(first!.cpuMean, 0.2);
    near(second!.cpuMean, 0.9);
    assert.deepEqual(
      [second!.level, second!.memoryMax, second!.receiveBytesPerSecond, second!.transmitBytesPerSecond],
      [1, 0.4, 1000, 2000],
    );
  });

  it('of several targets is that of one host, or of one each by {target}', async () => {
    const subjects = [SUBJECT, { ...SUBJECT, name: '$&"b' }];
    const queries: string[] = [];
    const ask: AskRange = async (question) => {
      queries.push(question.query);
      return steady({ node_memory: 0.5 })(question);
    };
    const shared = await readTargetUse(subjects, 'instance="x"', ask);
    assert.deepEqual(Object.keys(shared.use!), ['a', '$&"b']);
    assert.equal(queries.length, 4);
    queries.length = 0;
    await readTargetUse(subjects, 'pod="{target}"', ask);
    assert.equal(queries.length, 8);
    assert.ok(queries.at(-1)!.includes('pod="$&\\"b"'), queries.at(-1));
  });

  it('has a reason where there is none', async () => {
    const none = await readTargetUse([SUBJECT], 'instance="x"', steady({}));
    assert.equal(none.use, null);
    assert.match(none.useReason!, /no series of node_exporter or cAdvisor with \{instance="x"\}/);
    const failed = await readTargetUse([SUBJECT], 'instance="x"', async () => {
      throw new Error('status 503');
    });
    assert.match(failed.useReason!, /did not answer: status 503/);
  });

  it('of a host outside the allowlist is an error', async () => {
    const refused = async () => {
      throw new SoakError('TARGET_NOT_ALLOWED', 'no');
    };
    await assert.rejects(readTargetUse([SUBJECT], 'instance="x"', refused), { code: 'TARGET_NOT_ALLOWED' });
  });
});
