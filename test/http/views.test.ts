import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { statusView, viewOf } from '../../src/http/views.ts';
import { BUSY, FAILED, IDLE, RUN } from '../../support/http/stub.ts';
import { summaryOf } from '../../support/report/samples.ts';
import { finishedRun } from '../../support/run/samples.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const FAILED_LIMIT = {
  threshold: 'ttfb-p95',
  target: 'a',
  result: 'fail',
  limit: 2500,
  unit: 'ms',
  op: '>',
  count: 9,
  required: 1,
} as const;

describe('records of the API', () => {
  it('have their times as ISO 8601 in UTC, and no monotonic time', () => {
    const { startMs, startedAt, plannedEndAt, events, ...rest } = RUN;
    const view = viewOf(RUN);
    assert.deepEqual(view, {
      ...rest,
      startedAt: '1970-01-01T00:00:00.000Z',
      plannedEndAt: '1970-01-01T00:01:00.000Z',
      events: events.map((event) => ({ ...event, at: new Date(event.at).toISOString() })),
    });
    assert.deepEqual([startMs, startedAt, plannedEndAt], [0, 0, 60_000], 'the run itself is as it was');
  });

  it('round parts of a millisecond', () => {
    assert.equal(
      viewOf({ ...FAILED, startedAt: 1_800_000_000_123.75 }).startedAt,
      '2027-01-15T08:00:00.124Z',
    );
  });

  it('leave durations and all else alone', () => {
    const { startedAt, ...rest } = FAILED;
    assert.deepEqual(viewOf(FAILED), { ...rest, startedAt: new Date(startedAt).toISOString() });
    for (const value of [null, 5, 'at', true, [], {}, [null, 1]]) assert.deepEqual(viewOf(value), value);
  });

  it('say when thresholds were crossed', () => {
    const crossed = [
      { fromAt: 1000, toAt: 2000, worst: 0.1 },
      { fromAt: 3000, worst: 0.2 },
    ];
    const verdict = { ...FAILED_LIMIT, crossed };
    const view = viewOf(finishedRun({ verdicts: [verdict] }));
    assert.deepEqual('verdicts' in view && view.verdicts[0]?.crossed, [
      { fromAt: '1970-01-01T00:00:01.000Z', toAt: '1970-01-01T00:00:02.000Z', worst: 0.1 },
      { fromAt: '1970-01-01T00:00:03.000Z', worst: 0.2 },
    ]);
  });

  it('of a status are all such, those of the last run too, and null stays null', () => {
    const verdicts = [{ ...FAILED_LIMIT, crossed: [{ fromAt: 1, worst: 1 }] }];
    const last = summaryOf({ verdicts, events: RUN.events });
    const times: unknown[] = [];
    JSON.stringify(statusView({ ...BUSY, last }), (key, value: unknown) => {
      if (/^at$|At$/.test(key) && value !== null) times.push(value);
      return value;
    });
    assert.ok(times.length >= 11, `${times.length} times`);
    for (const time of times) assert.match(String(time), TIME);
    assert.equal(statusView(IDLE).schedules[1]!.lastStartedAt, null);
    // A large one takes 0.2 s, and does not change.
    assert.equal(statusView({ ...IDLE, last }).last, statusView({ ...BUSY, last }).last);
  });
});
