import { stringify } from 'yaml';
import type { RuleGroup } from './rules.ts';

/** Input of the objects. */
export interface KubernetesOptions {
  readonly groups: readonly RuleGroup[];
  /** JSON by name of the file. */
  readonly dashboards: Readonly<Record<string, string>>;
  /** Job in the rules and dashboards. */
  readonly job: string;
  /** Labels of rules and monitors, by which the Prometheus Operator selects them. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether `/metrics` requires a token. */
  readonly token: boolean;
  /** Name of the container's port with `/metrics`: the main one, or that of `serve.metrics.port`. */
  readonly port: 'http' | 'metrics';
}

/** Labels of the pods of soakd, and of all generated objects. */
const NAME = 'app.kubernetes.io/name';
const OWN = { [NAME]: 'soakd' } as const;

/** Scrape interval: a longer one costs resolution, since runs change within seconds. */
const SCRAPE = { interval: '5s', scrapeTimeout: '4s' } as const;

/** Label by which the sidecar of Grafana's chart finds dashboards. */
const DASHBOARD = { grafana_dashboard: '1' } as const;

/** Secret with the token for `/metrics`, where a token is required. */
const TOKEN = { name: 'soakd-metrics', key: 'token' } as const;

/** Returns one YAML document for each object: rules, monitor, dashboards. */
export function kubernetesText(options: KubernetesOptions, heading: string): string {
  const objects = [rules(options), podMonitor(options), ...dashboards(options)];
  const documents = objects.map((object) => stringify(object, { lineWidth: 0, blockQuote: 'literal' }));
  return `${heading}\n${documents.join('---\n')}`;
}

function rules({ groups, labels }: KubernetesOptions) {
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'soakd', labels: { ...OWN, ...labels } },
    spec: { groups },
  };
}

/** Pods and not a service: each instance of soakd is scraped by itself. */
function podMonitor({ job, labels, token, port }: KubernetesOptions) {
  const endpoint = {
    port,
    path: '/metrics',
    ...SCRAPE,
    ...(token ? { authorization: { credentials: TOKEN } } : {}),
    // Without this the operator names the job after the namespace and this object.
    relabelings: [{ action: 'replace', targetLabel: 'job', replacement: job }],
  };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: 'soakd', labels: { ...OWN, ...labels } },
    spec: { selector: { matchLabels: OWN }, podMetricsEndpoints: [endpoint] },
  };
}

function dashboards(options: KubernetesOptions) {
  return Object.entries(options.dashboards).map(([file, json]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: file.replace(/\.json$/, ''),
      labels: { ...OWN, ...DASHBOARD },
      annotations: { grafana_folder: 'soakd' },
    },
    // Without whitespace: `kubectl apply` keeps a copy in an annotation of limited size.
    data: { [file]: JSON.stringify(JSON.parse(json)) },
  }));
}
