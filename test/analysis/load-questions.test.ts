import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { waitGrowthOf, waitSharesOf } from '../../src/analysis/bottleneck-shares.ts';
import { costOf, MONTH_HOURS } from '../../src/analysis/cost.ts';
import { scaleOut } from '../../src/analysis/scale-out.ts';
import { level, timing } from './levels.ts';

describe('servers for a number of users', () => {
  it('are as many as the recommended load asks for, and a spare', () => {
    const found = scaleOut({ load: 1750, isAtLeast: false }, 6000);
    assert.deepEqual(found, { users: 6000, perServer: 1750, servers: 4, withSpare: 5, isAtMost: false });
  });

  it('are at most so many where a server may hold more, and unknown where none held', () => {
    assert.equal((scaleOut({ load: 100, isAtLeast: true }, 100) as { isAtMost: boolean }).isAtMost, true);
    assert.ok('reason' in scaleOut({ load: null, isAtLeast: false }, 100));
  });

  it('cost their price, spread over the users', () => {
    const servers = { users: 6000, perServer: 2000, servers: 3, withSpare: 4, isAtMost: false };
    const cost = costOf(servers, 0.25);
    assert.equal(cost.perHour, 1);
    assert.equal(cost.perMonth, MONTH_HOURS);
    assert.equal(cost.perUserMonth, MONTH_HOURS / 6000);
  });
});

describe('the parts of the wait for the first byte', () => {
  const at = (load: number, ttfb: number, connect: number, error: number | null) =>
    level(load, { timings: { ttfb: timing(ttfb, error), connect: timing(connect, error, 50) } });

  it('spread the connects over all streams, and bound the part of soakd', () => {
    const shares = waitSharesOf([at(100, 1000, 20, 30)]);
    assert.ok(!('reason' in shares));
    const [share] = shares;
    assert.deepEqual(
      [share!.waitMs, share!.connectMs, share!.generatorMs, share!.serverMinMs, share!.serverMaxMs],
      [1010, 10, 30, 970, 1000],
    );
  });

  it('grow by the server, by connects, or by what the lag could explain', () => {
    const growth = (...levels: ReturnType<typeof at>[]) => {
      const shares = waitSharesOf(levels);
      assert.ok(!('reason' in shares));
      return waitGrowthOf(shares)?.largest;
    };
    assert.equal(growth(at(1, 1000, 20, 5), at(2, 2000, 20, 5)), 'server');
    assert.equal(growth(at(1, 1000, 20, 5), at(2, 1000, 2000, 5)), 'connect');
    assert.equal(growth(at(1, 1000, 20, 5), at(2, 2000, 20, 1200)), 'unknown');
    assert.equal(growth(at(1, 1000, 20, 5), at(2, 1020, 20, 5)), 'none');
    assert.equal(growth(at(1, 1000, 20, 5)), undefined);
  });

  it('cannot be told apart in a table', () => {
    const shares = waitSharesOf([level(1, { fromAt: null, timings: { ttfb: timing(1, null) } })]);
    assert.ok('reason' in shares);
  });
});
