import type { Config } from '../core/scenario.ts';
import { publicUrl } from '../core/shown-url.ts';
import type { Target } from '../core/target.ts';

/** Returns a configuration without anything that may be a secret: what is kept of a run on disk. */
export function publicConfig(config: Config): Config {
  return {
    ...config,
    serve: { ...config.serve, tokens: [] },
    targets: config.targets.map(publicTarget),
  };
}

/** Keeps only what the result of a run depends on. */
function publicTarget(target: Target): Target {
  const { name, endpoint, method, format, terminal, error, maxEventBytes, expect, objective } = target;
  const { timeouts, connection, labels, keepTailBytes, thresholds, transport, http2 } = target;
  return {
    name,
    endpoint:
      endpoint.kind === 'url'
        ? { kind: 'url', url: publicUrl(endpoint.url) }
        : { kind: 'simulator', options: {} },
    method,
    headers: {},
    prompts: [],
    format,
    terminal,
    error,
    maxEventBytes,
    expect,
    objective,
    timeouts,
    connection,
    labels,
    keepTailBytes,
    transport,
    http2,
    thresholds,
  };
}
