import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { countMajorCollections, hasSettled, SETTLING_COLLECTIONS } from '../../src/machine/collections.ts';
import { poll } from '../../support/poll.ts';

const MODULE = new URL('../../src/machine/collections.ts', import.meta.url).href;

describe('major garbage collections of a thread', () => {
  let collect: (options?: { readonly type: 'minor' }) => void;
  before(() => {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc');
  });
  after(() => setFlagsFromString('--no-expose-gc'));

  it('are counted, and minor ones are not', async () => {
    const count = new Int32Array(1);
    const stop = countMajorCollections(count);
    try {
      collect({ type: 'minor' });
      collect({ type: 'minor' });
      collect();
      await poll('the first', () => count[0]! > 0 || undefined);
      assert.equal(count[0], 1);
      assert.equal(hasSettled(count), false);
      collect();
      await poll('the second', () => hasSettled(count) || undefined);
    } finally {
      stop();
    }
  });

  it('are no longer observed once the heap has settled', async () => {
    const count = new Int32Array(1);
    const other = new Int32Array(1);
    const stop = countMajorCollections(count);
    for (let i = 0; i < SETTLING_COLLECTIONS; i++) collect();
    await poll('the second', () => hasSettled(count) || undefined);
    const settledAt = count[0];
    const stopOther = countMajorCollections(other);
    collect();
    await poll('another observer', () => other[0]! > 0 || undefined);
    assert.equal(count[0], settledAt);
    stop();
    stopOther();
  });

  it('of another thread reach this one through a shared cell', async () => {
    const count = new Int32Array(new SharedArrayBuffer(4));
    const here = new Int32Array(1);
    const stop = countMajorCollections(here);
    const worker = new Worker(
      `const { workerData } = require('node:worker_threads');
       const { setFlagsFromString } = require('node:v8');
       setFlagsFromString('--expose-gc');
       const collect = require('node:vm').runInNewContext('gc');
       import(workerData.module).then(({ countMajorCollections }) => {
         countMajorCollections(workerData.count);
         collect();
         collect();
         setInterval(() => {}, 1000);
       });`,
      { eval: true, workerData: { module: MODULE, count } },
    );
    try {
      await poll('two collections of the thread', () => hasSettled(count) || undefined);
      assert.equal(here[0], 0, 'those of one thread are not those of another');
    } finally {
      stop();
      await worker.terminate();
    }
  });
});
