import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rehearsalOf } from '../../src/calibrate/rehearsal.ts';
import { SIMULATOR_PRESETS } from '../../src/catalog/presets.ts';
import type { Target } from '../../src/core/target.ts';
import { closed } from '../../support/load/samples.ts';
import { configOf, target } from '../../support/run/samples.ts';

function standInOf(overrides: Partial<Target>): Target {
  const config = configOf([target('a', overrides), target('unused')], { allow: ['example.com'] });
  const rehearsal = rehearsalOf(config, closed({ budget: { streams: 1 } }), 'quick');
  assert.deepEqual(
    rehearsal.config.targets.map((t) => t.name),
    ['a'],
  );
  assert.deepEqual([rehearsal.config.allow, rehearsal.scenario.budget], [[], undefined]);
  return rehearsal.config.targets[0]!;
}

describe('what stands in for a target', () => {
  it('speaks its format at the pace that was named, and takes nothing secret along', () => {
    const { endpoint, format, headers, method, auth, body, transport } = standInOf({
      endpoint: { kind: 'url', url: 'https://llm.example.com/v1' },
      format: 'openai-chat',
      method: 'POST',
      headers: { 'x-key': [{ env: 'KEY' }] },
      body: { text: ['{}'], json: true },
      auth: { kind: 'bearer', token: { kind: 'text', text: [{ env: 'TOKEN' }] } },
    });
    const { faults, gapMs, format: spoken } = (endpoint as { options: Record<string, unknown> }).options;
    assert.deepEqual([format, spoken, gapMs], ['openai-chat', 'openai-chat', SIMULATOR_PRESETS.quick.gapMs]);
    assert.deepEqual([headers, method, auth, body, faults], [{}, 'GET', undefined, undefined, {}]);
    assert.equal(transport, 'undici', 'it is under TLS');
  });

  it('keeps the pace of a simulator, without what that does wrong', () => {
    const { endpoint, transport } = standInOf({
      endpoint: {
        kind: 'simulator',
        options: { ...SIMULATOR_PRESETS.seed, faults: { reset: 0.5 }, capacity: { streams: 3 } },
      },
    });
    const { options } = endpoint as { options: Record<string, unknown> };
    assert.deepEqual(options, { ...SIMULATOR_PRESETS.seed, faults: {} });
    assert.equal(transport, 'lean');
  });
});
