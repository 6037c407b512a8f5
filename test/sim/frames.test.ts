import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORMATS } from '../../src/formats/list.ts';
import type { StreamFault } from '../../src/sim/fault-scripts.ts';
import { buildFrames, MAX_KEPT, TEXTS_PER_LENGTH, textOf } from '../../src/sim/frames.ts';
import { planAnswer } from '../../src/sim/plan.ts';
import { writeScript } from '../../src/sim/script.ts';
import { TINY } from './client.ts';

describe('vocabulary', () => {
  const lengths = [1, 2, 3, 4, 5, 17, MAX_KEPT, MAX_KEPT + 1, 3 * MAX_KEPT, 5000];

  it('has exactly as many code points as asked for', () => {
    for (const length of lengths) {
      for (let variant = 0; variant < TEXTS_PER_LENGTH; variant += 7) {
        assert.equal([...textOf(length, variant)].length, length);
      }
    }
  });

  it('takes 1.9 bytes a character', () => {
    for (const length of lengths) {
      let bytes = 0;
      for (let variant = 0; variant < TEXTS_PER_LENGTH; variant++)
        bytes += Buffer.byteLength(textOf(length, variant));
      const each = bytes / TEXTS_PER_LENGTH / length;
      assert.ok(Math.abs(each - 1.9) < 0.05, `${each} bytes a character at length ${length}`);
    }
  });

  it('holds what a careless reader trips over, but no line end of server-sent events', () => {
    let all = '';
    for (let variant = 0; variant < TEXTS_PER_LENGTH; variant++) all += textOf(40, variant);
    for (const trap of ['"', '\\', '\u0085', '\u2028', '\u2029', '😀']) assert.ok(all.includes(trap), trap);
    assert.ok(!/[\r\n\0\ufeff]/.test(all));
  });
});

describe('frames', () => {
  for (const format of FORMATS) {
    it(`of ${format} are whole HTTP chunks that count what they hold`, () => {
      const frames = buildFrames(format);
      const content = [1, 4, 300].map((characters, i) => frames.content(characters, 0.4, i));
      const end = { index: 3, chunks: 3, limited: false, promptTokens: 5, usage: true };
      for (const frame of [
        ...frames.opening,
        ...content,
        ...frames.closing(end),
        ...frames.error(3),
        ...frames.afterEnd(end),
      ]) {
        const wire = frame.wire.toString('latin1');
        const length = wire.indexOf('\r\n');
        assert.equal(Number.parseInt(wire.slice(0, length), 16), frame.bytes);
        assert.equal(wire.length, length + 2 + frame.bytes + 2);
        assert.ok(wire.endsWith('\r\n'));
        assert.equal(frame.chunks, 1);
      }
      assert.deepEqual(
        content.map((frame) => frame.characters),
        // A line of NDJSON is content as a whole.
        format === 'ndjson'
          ? content.map(({ wire }) => [...wire.toString().split('\r\n')[1]!].length - 1)
          : [1, 4, 300],
      );
    });
  }

  it('are made once', () => {
    const frames = buildFrames('sse');
    assert.equal(frames.content(4, 0.3, 0), frames.content(4, 0.3, 7));
    assert.notEqual(frames.content(4, 0.3, 0), frames.content(4, 0.9, 0));
  });
});

describe('script', () => {
  const cases: [StreamFault | undefined, string, string, string][] = [
    // fault, format, ending, outcome
    [undefined, 'raw', 'end', 'complete'],
    [undefined, 'sse', 'end', 'complete'],
    [undefined, 'openai-chat', 'end', 'complete'],
    ['inbandError', 'raw', 'reset', 'reset'],
    ['inbandError', 'sse', 'end', 'inband_error'],
    ['inbandError', 'openai-chat', 'end', 'inband_error'],
    ['truncate', 'raw', 'end', 'complete'],
    ['truncate', 'sse', 'end', 'truncated'],
    ['truncate', 'openai-chat', 'end', 'truncated'],
    ['reset', 'raw', 'reset', 'reset'],
    ['reset', 'sse', 'reset', 'reset'],
    ['stall', 'sse', 'hold', 'stalled'],
    ['stall', 'openai-chat', 'hold', 'stalled'],
  ];
  for (const [fault, format, ending, outcome] of cases) {
    it(`with ${fault ?? 'no fault'} in ${format} ends with ${ending}: ${outcome}`, () => {
      const plan = planAnswer(TINY, 3);
      const script = writeScript(plan, fault, buildFrames(format as (typeof FORMATS)[number]));
      assert.deepEqual([script.ending, script.outcome], [ending, outcome]);
      let withContent = 0;
      for (let frame = script.next(); frame !== undefined; frame = script.next()) {
        if (frame.characters > 0) withContent++;
      }
      assert.equal(
        withContent,
        fault === undefined ? plan.contentChunks : Math.floor(plan.contentChunks / 2),
      );
      assert.equal(script.gapMs, 0, 'the ending does not wait');
    });
  }

  it('sends at least one chunk before its fault', () => {
    const plan = planAnswer({ ...TINY, chunks: { kind: 'fixed', value: 1 } }, 0);
    assert.ok(writeScript(plan, 'truncate', buildFrames('sse')).next() !== undefined);
  });
});
