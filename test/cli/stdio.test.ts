import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Output } from '../../src/cli/stdio.ts';
import { poll } from '../../support/poll.ts';

/** An output whose writes fail with a code while there is one. */
function failing() {
  const state: { code: string | undefined; written: string } = { code: undefined, written: '' };
  const output = new Output(
    1,
    false,
    (bytes) => {
      if (state.code !== undefined) throw Object.assign(new Error(state.code), { code: state.code });
      state.written += bytes;
      return bytes.length;
    },
    () => ({}),
  );
  const recovered: number[] = [];
  output.onWorksAgain((dropped) => recovered.push(dropped));
  return { state, output, recovered };
}

for (const code of ['EPIPE', 'ENOSPC', 'EIO', 'EBADF'])
  it(`drops and counts what fails with ${code}, and says once how much`, () => {
    const { state, output, recovered } = failing();
    output.write('a\n');
    state.code = code;
    for (let n = 0; n < 3; n++) output.write('b\n');
    assert.deepEqual([output.dropped, output.failing, recovered], [3, code, []]);
    state.code = undefined;
    output.write('c\n');
    output.write('d\n');
    assert.deepEqual([state.written, output.failing, recovered], ['a\nc\nd\n', undefined, [3]]);
  });

it('keeps 1 MiB for a reader that comes back, drops what is beyond it, and says so', async () => {
  const { state, output, recovered } = failing();
  state.code = 'EAGAIN';
  const line = `${'x'.repeat(1023)}\n`;
  for (let n = 0; n < 2000; n++) output.write(line);
  const { dropped } = output;
  assert.ok(dropped > 970 && dropped < 980, `${dropped}`);
  assert.ok(output.writableLength < 1.01 * 1024 * 1024);
  state.code = undefined;
  await poll('the report', () => recovered.length > 0 || undefined);
  assert.deepEqual(recovered, [dropped]);
  await poll('the rest', () => state.written.length === (2000 - dropped) * 1024 || undefined);
});

it('does not continue a line that was cut', () => {
  let room = 3;
  let written = '';
  const output = new Output(
    1,
    false,
    (bytes) => {
      if (room === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
      const taken = Math.min(room, bytes.length);
      written += bytes.subarray(0, taken);
      room -= taken;
      return taken;
    },
    () => ({}),
  );
  output.write('one line\n');
  room = 100;
  output.write('two\n');
  assert.equal(written, 'one\ntwo\n');
});
