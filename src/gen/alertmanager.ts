import { readFileSync } from 'node:fs';

/** URLs that a configuration of Alertmanager posts to. */
export interface AlertmanagerUrls {
  /** Receives alerts, as JSON. */
  readonly webhook: string;
  /** Receives the Watchdog: a service that notifies you when it stops. */
  readonly watchdog: string;
}

export const DEFAULT_URLS: AlertmanagerUrls = {
  webhook: 'http://127.0.0.1:9098/alerts',
  watchdog: 'http://127.0.0.1:9098/watchdog',
};

/** Returns `prometheus/alertmanager.yml`, which the package contains, with other URLs. */
export function alertmanagerText(urls: AlertmanagerUrls): string {
  const text = readFileSync(new URL('../../prometheus/alertmanager.yml', import.meta.url), 'utf8');
  const quoted = (key: keyof AlertmanagerUrls): [string, string] => [
    JSON.stringify(DEFAULT_URLS[key]),
    JSON.stringify(urls[key]),
  ];
  return [quoted('webhook'), quoted('watchdog')].reduce(
    (made, [from, to]) => made.replace(from, () => to),
    text,
  );
}
