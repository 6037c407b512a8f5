import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdHocFlags } from '../../src/config/ad-hoc.ts';
import { FLAGS } from '../../src/config/ad-hoc-flags.ts';
import { overrideFlag, readOverrides } from '../../src/config/override-flags.ts';
import { SoakError } from '../../src/core/errors.ts';

function linesOf(flags: Partial<AdHocFlags>): readonly string[] {
  try {
    readOverrides(flags);
  } catch (error) {
    assert.ok(error instanceof SoakError);
    assert.equal(error.code, 'USAGE');
    assert.equal(error.message, error.details[0]);
    return error.details;
  }
  return [];
}

describe('flags of a run of a scenario', () => {
  it('are read as overrides', () => {
    assert.deepEqual(readOverrides({}), {});
    assert.deepEqual(
      readOverrides({ users: '50', for: '1m30s', ramp: '10s', warmUp: '0s', seed: '0', maxStreams: '1000' }),
      { users: 50, forMs: 90_000, rampMs: 10_000, warmUpMs: 0, seed: 0, maxStreams: 1000 },
    );
    assert.deepEqual(readOverrides({ rate: '0.5' }), { rate: 0.5 });
  });

  it('that are wrong are all reported at once', () => {
    assert.deepEqual(
      linesOf({ users: 'many', rate: '0', for: '10', warmUp: '-1s', seed: '4294967296', maxStreams: '1.5' }),
      [
        '--users: found "many", expected a whole number of at least 1; write for example 1',
        '--rate: found "0", expected a number above 0; write for example 1',
        '--for: found "10", expected a duration such as 250ms, 1.5s or 1h30m; write 10s',
        '--warm-up: found "-1s", expected a duration such as 250ms, 1.5s or 1h30m; write for example 30s',
        '--seed: found "4294967296", expected a whole number from 0 to 4294967295; write at most 4294967295',
        '--max-streams: found "1.5", expected a whole number of at least 1; write 2',
      ],
    );
    assert.equal(linesOf({ users: '0' }).length, 1);
    assert.equal(linesOf({ for: '0s' }).length, 1);
    assert.equal(linesOf({ ramp: '0s' }).length, 1);
  });

  it('that describe a target are refused, and each is told its place in the configuration', () => {
    assert.deepEqual(
      linesOf({
        format: 'raw',
        minChunks: '5',
        cert: 'a.pem',
        maxMeasurementLag: '1s',
        allow: ['a.test'],
        users: 'x',
      }),
      [
        '--format: found this flag without --target, expected it only with --target or a URL; set format: of the target in the configuration',
        '--users: found "x", expected a whole number of at least 1; write for example 1',
        '--min-chunks: found this flag without --target, expected it only with --target or a URL; set expect.minChunks: of the target in the configuration',
        '--cert: found this flag without --target, expected it only with --target or a URL; set tls.cert: of the target in the configuration',
        '--max-measurement-lag: found this flag without --target, expected it only with --target or a URL; set maxMeasurementLag: in the configuration',
        '--allow: found this flag without --target, expected it only with --target or a URL; set allow: in the configuration',
      ],
    );
  });

  it('are overrides, or refused: there is no third kind', () => {
    for (const flag of Object.keys(FLAGS)) {
      const lines = linesOf({ [flag]: '1' });
      const isOverride = /^--(users|rate|for|ramp|warm-up|seed|max-streams)$/.test(
        overrideFlag(flag as 'users'),
      );
      assert.equal(
        lines.some((line) => line.includes('without --target')),
        !isOverride,
        flag,
      );
    }
  });
});
