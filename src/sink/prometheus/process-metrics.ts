import { readdir } from 'node:fs/promises';
import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';

/**
 * Defaults of prom-client that are left out: per-socket metrics grow with the connections and fail
 * `promtool check metrics`; every reader of the loop lag resets it; the GC histogram reads one entry of
 * each batch; open descriptors are listed on every scrape.
 */
const LEFT_OUT = [
  'nodejs_active_handles',
  'nodejs_active_handles_total',
  'nodejs_active_requests',
  'nodejs_active_requests_total',
  'nodejs_active_resources',
  'nodejs_active_resources_total',
  'nodejs_gc_duration_seconds',
  'process_open_fds',
];
const DESCRIPTORS_INTERVAL_MS = 10_000;
const GC_KINDS: Readonly<Record<number, string>> = {
  1: 'minor',
  2: 'minor',
  4: 'major',
  8: 'incremental',
  16: 'weakcb',
};

export interface ProcessMetrics {
  /** Time since open descriptors were counted, ms: 10 s at most, unless they cannot be counted. */
  readonly descriptorsAgeMs: () => number;
  readonly stop: () => void;
}

/** Adds `process_*` and `nodejs_*` of this process. */
export function addProcessMetrics(registry: Registry): ProcessMetrics {
  collectDefaultMetrics({ register: registry });
  for (const metric of registry.getMetricsAsArray()) {
    if (LEFT_OUT.includes(metric.name) || metric.name.startsWith('nodejs_eventloop_lag')) {
      registry.removeSingleMetric(metric.name);
    }
  }

  const descriptors = new Gauge({
    name: 'process_open_fds',
    help: 'Number of open file descriptors, counted every 10 s.',
    registers: [registry],
  });
  let countedMs = performance.now();
  const count = (): void => {
    readdir('/proc/self/fd').then(
      (names) => {
        descriptors.set(names.length);
        countedMs = performance.now();
      },
      // Without a free descriptor the last count stays, and its age rises.
      () => {},
    );
  };
  count();
  const timer = setInterval(count, DESCRIPTORS_INTERVAL_MS);
  timer.unref();

  const pauses = new Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Garbage collection of the main thread by kind: minor, major, incremental or weakcb.',
    labelNames: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
    registers: [registry],
  });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { detail: { kind: number } }).detail;
      pauses.observe({ kind: GC_KINDS[kind] ?? 'other' }, entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    descriptorsAgeMs: () => performance.now() - countedMs,
    stop() {
      clearInterval(timer);
      observer.disconnect();
    },
  };
}
