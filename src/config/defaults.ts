import type { Config } from '../core/scenario.ts';
import type { Target } from '../core/target.ts';
import { check } from './check.ts';

const NOTHING = { baseDir: '/', readFile: () => new Uint8Array() };

/**
 * Returns a configuration with all defaults that has only the names, URLs and formats of these targets; `undefined` if
 * there is no such configuration.
 */
export function defaultsOf(
  targets: readonly Pick<Target, 'name' | 'endpoint' | 'format'>[],
): Config | undefined {
  const data = {
    targets: targets.map(({ name, endpoint, format }) =>
      endpoint.kind === 'url'
        ? { name, url: localUrl(endpoint.url), format }
        : { name, simulator: {}, format },
    ),
    scenarios: { all: { targets: targets.map(({ name }) => ({ name })), stages: [{ users: 1, for: '1m' }] } },
  };
  const checked = check(data, NOTHING);
  return 'config' in checked ? checked.config : undefined;
}

/** Hosts that may be loaded are no default. */
function localUrl(url: string): string {
  return url.startsWith('https:') ? 'https://localhost/' : 'http://localhost/';
}
