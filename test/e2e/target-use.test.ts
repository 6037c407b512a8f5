import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildAllowlist } from '../../src/core/allow.ts';
import { readTargetUse } from '../../src/document/target-use.ts';
import { NETWORK } from '../../src/transport/dial.ts';
import { lookUp } from '../../src/transport/names.ts';
import { rangeQuery } from '../../src/transport/range-query.ts';
import { needs } from '../../support/needs.ts';
import { type Prometheus, startPrometheus } from '../../support/prometheus.ts';
import { said } from '../../support/promtool.ts';
import { level, subject } from '../analysis/levels.ts';

const FROM_S = Date.UTC(2026, 10, 1, 12) / 1000;
const LEVEL_S = 240;
const SCRAPE_S = 5;
const CORES = 2;

/** What the host uses at each of the two levels. */
const USE = [
  { cpu: 0.25, memory: 0.4, sent: 1e6 },
  { cpu: 0.75, memory: 0.8, sent: 3e6 },
] as const;

/** Text in the format of OpenMetrics, as node_exporter and cAdvisor count. */
function exposition(): string {
  const lines = new Map<string, string[]>();
  const add = (metric: string, labels: string, value: number, at: number): void => {
    const all = lines.get(metric) ?? [];
    lines.set(metric, all);
    all.push(`${metric}{${labels}} ${value} ${at}`);
  };
  const counters = { user: 0, idle: 0, sent: 0, container: 0 };
  for (let s = 0; s <= 2 * LEVEL_S; s += SCRAPE_S) {
    const at = FROM_S + s;
    const use = USE[s <= LEVEL_S ? 0 : 1];
    const host = 'instance="10.0.0.5:9100"';
    add('node_cpu_seconds_total', `${host},mode="user"`, counters.user, at);
    add('node_cpu_seconds_total', `${host},mode="idle"`, counters.idle, at);
    add('node_memory_MemTotal_bytes', host, 1000, at);
    add('node_memory_MemAvailable_bytes', host, 1000 * (1 - use.memory), at);
    add('node_network_transmit_bytes_total', `${host},device="eth0"`, counters.sent, at);
    add('node_network_transmit_bytes_total', `${host},device="lo"`, 1000 * counters.sent, at);
    const container = 'name="app"';
    add('container_cpu_usage_seconds_total', container, counters.container, at);
    add('container_spec_cpu_quota', container, 200_000, at);
    add('container_spec_cpu_period', container, 100_000, at);
    add('container_memory_working_set_bytes', container, 300, at);
    add('container_spec_memory_limit_bytes', container, 1000, at);
    const next = USE[s < LEVEL_S ? 0 : 1];
    counters.user += CORES * SCRAPE_S * next.cpu;
    counters.idle += CORES * SCRAPE_S * (1 - next.cpu);
    counters.sent += SCRAPE_S * next.sent;
    counters.container += SCRAPE_S;
  }
  const families = [...lines].map(([metric, all]) => {
    const isCounter = metric.endsWith('_total');
    const family = isCounter ? metric.slice(0, -'_total'.length) : metric;
    // One series after another: a series of a family must not be interrupted.
    const series = Map.groupBy(all, (line) => line.slice(0, line.indexOf('}')));
    return `# TYPE ${family} ${isCounter ? 'counter' : 'gauge'}\n${[...series.values()].flat().join('\n')}`;
  });
  return `${families.join('\n')}\n# EOF\n`;
}

const SUBJECT = subject(
  USE.map((_, i) =>
    level(100 * (i + 1), {
      fromAt: (FROM_S + i * LEVEL_S) * 1000,
      toAt: (FROM_S + (i + 1) * LEVEL_S) * 1000,
    }),
  ),
);

describe('the use of a target in a real Prometheus', { skip: needs('prometheus', 'promtool') }, () => {
  let prometheus: Prometheus;
  const made = mkdtempSync(join(tmpdir(), 'soakd-use-'));
  const read = (matchers: string) =>
    readTargetUse([SUBJECT], matchers, (question) =>
      rangeQuery(prometheus.url, question, {
        allowlist: buildAllowlist([]),
        network: NETWORK,
        lookup: lookUp,
      }),
    );
  before(async () => {
    writeFileSync(join(made, 'use.txt'), exposition());
    writeFileSync(join(made, 'prometheus.yml'), 'global: {}\n');
    const blocks = join(made, 'blocks');
    mkdirSync(blocks);
    const { status, text } = said('promtool', [
      ...['tsdb', 'create-blocks-from', 'openmetrics', join(made, 'use.txt'), blocks],
    ]);
    assert.equal(status, 0, text);
    prometheus = await startPrometheus({ configFile: join(made, 'prometheus.yml'), blocks });
  });
  after(async () => {
    await prometheus?.stop();
    rmSync(made, { recursive: true, force: true });
  });

  it('is that of node_exporter, level by level', async () => {
    const { use, useReason } = await read('instance="10.0.0.5:9100"');
    assert.equal(useReason, null);
    const levels = use!.a!;
    assert.equal(levels.length, 2);
    for (const [i, { cpu, memory, sent }] of USE.entries()) {
      const { cpuMean, cpuMax, memoryMean, receiveBytesPerSecond, transmitBytesPerSecond } = levels[i]!;
      assert.ok(Math.abs(cpuMean! - cpu) < 0.01, `CPU ${cpuMean}`);
      assert.ok(Math.abs(cpuMax! - cpu) < 0.02, `CPU ${cpuMax}`);
      assert.ok(Math.abs(memoryMean! - memory) < 0.05, `memory ${memoryMean}`);
      assert.ok(Math.abs(transmitBytesPerSecond! / sent - 1) < 0.02, `sent ${transmitBytesPerSecond}`);
      assert.equal(receiveBytesPerSecond, null);
    }
  });

  it('is that of cAdvisor where there is no node_exporter', async () => {
    const { use } = await read('name="app"');
    assert.ok(Math.abs(use!.a![1]!.cpuMean! - 0.5) < 0.01);
    assert.ok(Math.abs(use!.a![1]!.memoryMax! - 0.3) < 0.001);
  });

  it('is not known for other labels', async () => {
    const { use, useReason } = await read('instance="other"');
    assert.equal(use, null);
    assert.match(useReason!, /no series/);
  });

  it('is not asked of a host outside the allowlist', async () => {
    const options = { allowlist: buildAllowlist([]), network: NETWORK, lookup: lookUp };
    await assert.rejects(
      readTargetUse([SUBJECT], 'a="b"', (q) => rangeQuery('http://prometheus.invalid:9090', q, options)),
      { code: 'TARGET_NOT_ALLOWED' },
    );
  });
});
