import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { RunEvent } from '../../src/core/control.ts';
import type { FinishedRun } from '../../src/core/run.ts';
import { MAX_FLUSH_MS, type Sink, type StreamSnapshot } from '../../src/sink/sink.ts';
import { Sinks } from '../../src/sink/sinks.ts';

const RUN = { id: 'r1' } as FinishedRun;
const SNAPSHOT = {} as StreamSnapshot;
const EVENT: RunEvent = { at: 1, action: 'pause', by: 'local', detail: '' };

function joined(...sinks: Sink[]) {
  const errors: string[] = [];
  const log = { error: (facts: object, text: string) => errors.push(`${text} ${JSON.stringify(facts)}`) };
  return { all: new Sinks(sinks, log), errors };
}

describe('sinks of a run', () => {
  it('pass events and results to each sink that has a use for them', () => {
    const heard: string[] = [];
    const { all, errors } = joined(
      { event: (_, event) => heard.push(event.action) },
      { results: (run, results, omitted) => heard.push(`${run.id} ${results.length} ${omitted.length}`) },
    );
    all.start(RUN, SNAPSHOT);
    all.event(RUN, EVENT);
    all.results(RUN, [], []);
    assert.deepEqual(heard, ['pause', 'r1 0 0']);
    assert.deepEqual(errors, []);
  });

  it('wait at the end of a run for the last flush of each', async () => {
    const flush = Promise.withResolvers<void>();
    const { all } = joined({}, { stop: () => flush.promise });
    all.start(RUN, SNAPSHOT);
    let ended = false;
    const stopped = all.stop(RUN, SNAPSHOT).then(() => {
      ended = true;
    });
    await new Promise(setImmediate);
    assert.equal(ended, false);
    flush.resolve();
    await stopped;
  });

  it('give up a flush that does not end, and log it', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { all, errors } = joined({ stop: () => new Promise(() => {}) });
      all.start(RUN, SNAPSHOT);
      const stopped = all.stop(RUN, SNAPSHOT);
      mock.timers.tick(MAX_FLUSH_MS);
      await stopped;
      assert.match(errors.join(), /sink flush timed out .*"waitedMs":5000/);
    } finally {
      mock.timers.reset();
    }
  });

  it('log a flush that fails', async () => {
    const { all, errors } = joined({ stop: async () => Promise.reject(new Error('disk full')) });
    all.start(RUN, SNAPSHOT);
    await all.stop(RUN, SNAPSHOT);
    assert.deepEqual(errors, ['sink failed {"err":"disk full"}']);
  });
});
