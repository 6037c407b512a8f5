import type { LevelPoint, Subject } from '../analysis/level-point.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import type { ReportedRun, TargetUse } from './input.ts';

/** A query over time, and its values. Calendar times, ms since 1970. */
export type AskRange = (question: {
  readonly query: string;
  readonly fromAt: number;
  readonly toAt: number;
  readonly stepMs: number;
}) => Promise<readonly { readonly at: number; readonly value: number }[]>;

type Resource = 'cpu' | 'memory' | 'receive' | 'transmit';
type Values = Awaited<ReturnType<AskRange>>;

/** What stands for the name of a target in the matchers. */
const TARGET = '{target}';
const MATCHER = /^\s*[a-zA-Z_]\w*\s*(=~|!~|!=|=)\s*"([^"\\\n]|\\.)*"\s*$/;
const MAX_MATCHERS = 2000;

const MIN_RATE_MS = 10_000;
const MAX_RATE_MS = 60_000;
/** Values of one answer; Prometheus itself refuses more than 11,000. */
const MAX_VALUES = 5000;

/**
 * Checks label matchers such as `instance="10.0.0.5:9100"`; they are put into queries as they are.
 * @throws SoakError USAGE
 */
export function checkMatchers(matchers: string): string {
  const parts =
    matchers.length > MAX_MATCHERS ? [] : (matchers.match(/(?:"(?:[^"\\\n]|\\.)*"|[^,"])+/g) ?? []);
  const isWhole = parts.join(',') === matchers;
  if (parts.length > 0 && isWhole && parts.every((part) => MATCHER.test(part))) return matchers;
  throw new SoakError(
    'USAGE',
    `--prometheus-labels: found ${JSON.stringify(matchers.slice(0, 100))}, expected label matchers with commas between them, such as instance="10.0.0.5:9100"`,
  );
}

/**
 * Reads what targets used of their CPU, memory and network while each level was held: from the metrics of
 * node_exporter, else of cAdvisor. One query for each resource, over all levels.
 * @param matchers label matchers of the host or container; `{target}` stands for the name of a target. Without it
 * all targets of the run are taken to be on one host
 * @returns the use, or the reason why there is none
 * @throws SoakError for matchers that are none, and for a host outside the allowlist
 */
export async function readTargetUse(
  subjects: readonly Subject[],
  matchers: string,
  ask: AskRange,
): Promise<Pick<ReportedRun, 'use' | 'useReason'>> {
  checkMatchers(matchers);
  const own = matchers.includes(TARGET);
  const names = own ? subjects.map((s) => s.name) : subjects.slice(0, 1).map((s) => s.name);
  const found = new Map<string, readonly TargetUse[]>();
  try {
    for (const name of names) {
      const levels = subjects.find((s) => s.name === name)!.levels;
      found.set(
        name,
        await useOf(
          levels,
          matchers.replaceAll(TARGET, () => promText(name)),
          ask,
        ),
      );
    }
  } catch (error) {
    if (error instanceof SoakError) throw error;
    return { use: null, useReason: `the Prometheus did not answer: ${messageOf(error)}` };
  }
  const use = Object.fromEntries(
    subjects.map(({ name }) => [name, found.get(name) ?? found.get(names[0]!)!] as const),
  );
  if (Object.values(use).every((levels) => levels.length === 0))
    return {
      use: null,
      useReason: `the Prometheus has no series of node_exporter or cAdvisor with {${matchers.slice(0, 200)}} while a level was held for long enough`,
    };
  return { use, useReason: null };
}

async function useOf(levels: readonly LevelPoint[], matchers: string, ask: AskRange): Promise<TargetUse[]> {
  const timed = levels.flatMap(({ fromAt, toAt }, level) =>
    fromAt === null || toAt === null || toAt <= fromAt ? [] : [{ level, fromAt, toAt }],
  );
  if (timed.length === 0) return [];
  const shortest = Math.min(...timed.map((t) => t.toAt - t.fromAt));
  const rateMs = Math.min(MAX_RATE_MS, Math.max(MIN_RATE_MS, Math.round(shortest / 2)));
  const fromAt = Math.min(...timed.map((t) => t.fromAt));
  const toAt = Math.max(...timed.map((t) => t.toAt));
  const stepMs = Math.ceil(Math.max(rateMs / 4, (toAt - fromAt) / MAX_VALUES));
  const queries = queriesOf(matchers, rateMs);
  const read = async (resource: Resource): Promise<Values> =>
    await ask({ query: queries[resource], fromAt, toAt, stepMs });
  const all = {
    cpu: await read('cpu'),
    memory: await read('memory'),
    receive: await read('receive'),
    transmit: await read('transmit'),
  };
  return timed.flatMap((time): TargetUse[] => {
    // A rate looks back: before that it would see the level before.
    const rates = (values: Values): number[] => within(values, time.fromAt + rateMs, time.toAt);
    const [cpu, memory] = [rates(all.cpu), within(all.memory, time.fromAt, time.toAt)];
    const [receive, transmit] = [rates(all.receive), rates(all.transmit)];
    if ([cpu, memory, receive, transmit].every((v) => v.length === 0)) return [];
    return [
      {
        level: time.level,
        cpuMean: meanOf(cpu),
        cpuMax: maxOf(cpu),
        memoryMean: meanOf(memory),
        memoryMax: maxOf(memory),
        receiveBytesPerSecond: meanOf(receive),
        transmitBytesPerSecond: meanOf(transmit),
      },
    ];
  });
}

/** Loopback is left out of the network of a host: what a target receives from itself crosses no link. */
function queriesOf(matchers: string, rateMs: number): Record<Resource, string> {
  const rate = (metric: string, ...more: string[]): string =>
    `sum(rate(${metric}{${[...more, matchers].join(', ')}}[${rateMs}ms]))`;
  const sum = (metric: string): string => `sum(${metric}{${matchers}})`;
  const network = (way: 'receive' | 'transmit'): string =>
    `${rate(`node_network_${way}_bytes_total`, 'device!="lo"')} or ${rate(`container_network_${way}_bytes_total`)}`;
  return {
    cpu: `1 - ${rate('node_cpu_seconds_total', 'mode=~"idle|iowait"')} / ${rate('node_cpu_seconds_total')} or ${rate('container_cpu_usage_seconds_total')} / (${sum('container_spec_cpu_quota')} / ${sum('container_spec_cpu_period')})`,
    memory: `1 - ${sum('node_memory_MemAvailable_bytes')} / ${sum('node_memory_MemTotal_bytes')} or ${sum('container_memory_working_set_bytes')} / (${sum('container_spec_memory_limit_bytes')} > 0)`,
    receive: network('receive'),
    transmit: network('transmit'),
  };
}

/** Escapes a name inside the quotes of a matcher. */
function promText(name: string): string {
  return JSON.stringify(name).slice(1, -1);
}

function within(values: Values, from: number, to: number): number[] {
  return values.filter(({ at }) => at >= from && at <= to).map(({ value }) => value);
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}

function maxOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : Math.max(...values);
}
