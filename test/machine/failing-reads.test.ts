import assert from 'node:assert/strict';
import { it } from 'node:test';
import { descriptorGate, reservedDescriptors } from '../../src/machine/descriptors.ts';
import { thisHost } from '../../src/machine/host.ts';
import { limitsReader } from '../../src/machine/limits.ts';
import { residentReader } from '../../src/machine/memory.ts';

function emfile(): never {
  throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
}

it('the resident set that cannot be read keeps its last value; before the first, it is the peak', () => {
  let bytes: number | undefined;
  const read = residentReader(
    () => bytes ?? emfile(),
    () => 7,
  );
  assert.equal(read(), 7);
  bytes = 5;
  assert.equal(read(), 5);
  bytes = undefined;
  assert.equal(read(), 5);
});

it('limits that cannot be read for want of a descriptor keep their last values', () => {
  let fails = false;
  let now = 0;
  const files: Record<string, string> = {
    '/proc/self/cgroup': '0::/\n',
    '/proc/self/mountinfo': '1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n',
    '/sys/fs/cgroup/memory.max': '1000000\n',
  };
  const limits = limitsReader(
    (path) => (fails ? emfile() : files[path]),
    thisHost,
    () => now,
  );
  assert.equal(limits().memoryBytes, 1_000_000);
  fails = true;
  now = 60_000;
  assert.equal(limits().memoryBytes, 1_000_000);
});

it('streams leave a quarter of few descriptors free, 64 of many', () => {
  assert.deepEqual(
    [reservedDescriptors(128), reservedDescriptors(1024), reservedDescriptors(1e6)],
    [32, 64, 64],
  );
  assert.deepEqual(
    [95, 96].map((fd) => descriptorGate(128, { open: () => fd, close: () => {} })()),
    [true, false],
  );
  const none = { open: emfile, close: emfile };
  assert.equal(descriptorGate(128, none)(), false);
  assert.equal(descriptorGate(undefined, none)(), true);
});
