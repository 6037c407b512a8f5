import type { Config, Target } from '../core/scenario.ts';
import { check } from './check.ts';

const NOTHING = { baseDir: '/', readFile: () => new Uint8Array() };

/**
 * Returns what a configuration would be that only names these targets, their URLs and formats: with every default.
 * `undefined` where no such configuration can be made.
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
