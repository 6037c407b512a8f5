import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { root } from '../../src/config/schema/root.ts';
import { RESERVED_LABELS } from '../../src/config/schema/target.ts';
import { THRESHOLDS, thresholdById } from '../../src/thresholds/table.ts';
import { keysOf } from './schema-keys.ts';

const DOCS = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
const EXAMPLES = [...DOCS.matchAll(/^```yaml\n(.*?)^```$/gms)].map((m) => m[1]!);
const MINIMAL = readFileSync(join(import.meta.dirname, 'good/minimal.yaml'), 'utf8');
const REFERENCE = DOCS.replace(/^```.*?^```$/gms, '');

describe('docs/configuration.md', () => {
  it('has a small and a full example, which are right', () => {
    assert.equal(EXAMPLES.length, 2);
    for (const text of EXAMPLES) parseConfig(text, { file: 'docs' });
  });

  it('names every key of the schema', () => {
    const words = new Set(
      [...REFERENCE.matchAll(/`([^`]*)`/g)].flatMap((m) => m[1]!.split(/[^\w-]+/).concat(m[1]!)),
    );
    const missing = keysOf(root).filter(({ key }) => !words.has(key));
    assert.deepEqual(
      missing.map(({ key }) => key),
      [],
    );
  });

  it('shows every key in the full example', () => {
    const shown = new Set([...EXAMPLES[1]!.matchAll(/([\w-]+):/g)].map((m) => m[1]!));
    const missing = new Set(
      keysOf(root)
        .map(({ key }) => key)
        // Of the limits that are off some stand for all.
        .filter((key) => !shown.has(key) && thresholdById(key)?.limit !== 'off'),
    );
    assert.deepEqual([...missing], []);
    for (const key of ['ttft-p95', 'gap-p99']) assert.ok(shown.has(key), key);
  });

  it('has the defaults that the code has', () => {
    const { serve, limits, targets } = loadConfig(join(import.meta.dirname, 'good/minimal.yaml'), {
      checkSecrets: false,
    });
    const row = (key: string): string =>
      new RegExp(`^\\| \`${key}\` \\| \`([^\`]*)\` `, 'm').exec(REFERENCE)?.[1] ?? '';
    assert.equal(row('serve.host'), serve.host);
    assert.equal(row('serve.port'), String(serve.port));
    assert.equal(row('limits.maxUsers'), String(limits.maxUsers));
    assert.equal(row('limits.maxRate'), String(limits.maxRate));
    assert.equal(row('limits.maxDuration'), `${limits.maxDurationMs / 86_400_000}d`);
    for (const key of ['connect', 'ttfb', 'idle', 'total', 'linger'] as const) {
      assert.equal(row(key), `${targets[0]!.timeouts[`${key}Ms`] / 1000}s`, key);
    }
    for (const { id, limit } of THRESHOLDS) {
      if (limit === 'off') {
        assert.match(REFERENCE, new RegExp(`^\\| [^|]*\`${id}\`[^|]* \\| \`off\` \\|`, 'm'), id);
        continue;
      }
      const { thresholds } = parseConfig(`${MINIMAL}thresholds: { ${id}: ${row(id)} }\n`, { file: 'docs' });
      assert.deepEqual(thresholds, [{ id, limit }]);
    }
    for (const label of RESERVED_LABELS) assert.ok(REFERENCE.includes(`\`${label}\``), label);
  });
});
