import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { configJsonSchema } from '../../src/config/schema/root.ts';

const schema = configJsonSchema();
const ajv = new Ajv({ allErrors: true, strict: false, formats: { uri: true } });
const validate = ajv.compile(schema);

function pathsOf(text: string): string[] {
  validate(parse(text));
  return (validate.errors ?? []).map(({ instancePath }) => instancePath);
}

describe('the JSON Schema of a configuration', () => {
  it('accepts the examples of docs/configuration.md, and good files', () => {
    const docs = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const texts = [...docs.matchAll(/^```yaml\n(.*?)^```$/gms)].map((m) => m[1]!);
    for (const name of ['minimal.yaml', 'full.yaml'])
      texts.push(readFileSync(join(import.meta.dirname, 'good', name), 'utf8'));
    for (const text of texts) assert.deepEqual(pathsOf(text), []);
  });

  for (const [what, line, path] of [
    ['an unknown key', 'timeout: { ttfb: 30s }', '/targets/0'],
    ['a duration without a unit', 'timeouts: { ttfb: 30 }', '/targets/0/timeouts/ttfb'],
    ['an unknown name', 'transport: node', '/targets/0/transport'],
    ['a size in another unit', 'keepTail: 1KB', '/targets/0/keepTail'],
    ['a limit that is a list', 'thresholds: { ttfb-p95: [1s] }', '/targets/0/thresholds/ttfb-p95'],
  ] as const) {
    it(`rejects ${what}`, () =>
      assert.ok(
        pathsOf(
          `targets:\n  - name: a\n    url: http://127.0.0.1/\n    ${line}\nscenarios: { s: { target: a, stages: [{ users: 1, for: 1s }] } }\n`,
        ).includes(path),
      ));
  }

  it('has defaults as a file has them', () => {
    const { properties } = schema as { properties: Record<string, Record<string, unknown>> };
    const of = (key: string): Record<string, { default?: unknown }> =>
      properties[key]!.properties as Record<string, { default?: unknown }>;
    assert.equal(of('serve').port?.default, 9876);
    assert.equal(of('history').maxAge?.default, '400d');
    assert.equal(of('limits').maxDuration?.default, '30d');
    assert.equal(properties.workers?.default, 'auto');
  });
});
