import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { MemorySource } from '../../src/core/target.ts';
import { TargetMemory } from '../../src/run/target-memory.ts';
import { target } from '../../support/run/samples.ts';

const SOURCE: MemorySource = { prometheus: 'http://127.0.0.1:9090/', query: 'x' };
const TARGETS = [target('a', { memory: SOURCE }), target('b')];

/** Answers in the order given; an error is thrown. */
function following(answers: (number | undefined | Error)[]) {
  let nowMs = 0;
  const warned: object[] = [];
  const recovered: object[] = [];
  const ask = mock.fn(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  mock.timers.enable({ apis: ['setInterval'] });
  const memory = new TargetMemory(TARGETS, {
    everyMs: 1000,
    run: 'r-1',
    log: { info: (facts) => recovered.push(facts), warn: (facts) => warned.push(facts) },
    ask,
    clock: () => nowMs,
  });
  return {
    memory,
    warned,
    recovered,
    ask,
    async pass(): Promise<void> {
      await settled();
      nowMs += 1000;
      mock.timers.tick(1000);
      await settled();
    },
    end(): void {
      memory.close();
      mock.timers.reset();
    },
  };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('memory of a target', () => {
  it('is what was read last, and unknown of a target that does not tell it', async () => {
    const { memory, pass, end, ask } = following([100, 200]);
    await settled();
    assert.deepEqual([memory.read('a'), memory.read('b'), memory.read('c')], [100, undefined, undefined]);
    await pass();
    assert.equal(memory.read('a'), 200);
    end();
    assert.equal(ask.mock.callCount(), 2);
  });

  it('is unknown once it is too old, and each complaint is made once', async () => {
    const down = () => new Error('down');
    const { memory, warned, recovered, pass, end } = following([100, down(), down(), down(), 300, undefined]);
    await settled();
    await pass();
    await pass();
    assert.equal(memory.read('a'), 100);
    await pass();
    assert.equal(memory.read('a'), undefined);
    await pass();
    assert.equal(memory.read('a'), 300);
    await pass();
    assert.equal(memory.read('a'), undefined);
    assert.deepEqual(warned, [
      { run: 'r-1', target: 'a', err: 'down' },
      { run: 'r-1', target: 'a', err: 'no series answers' },
    ]);
    assert.deepEqual(recovered, [{ run: 'r-1', target: 'a' }]);
    end();
  });

  it('asks no more once it is closed', async () => {
    const { ask, pass, memory, end } = following([1, 2, 3]);
    await settled();
    memory.close();
    await pass();
    assert.equal(ask.mock.callCount(), 1);
    end();
  });
});
