import { stringify } from 'yaml';
import type { RuleGroup } from './rules.ts';

/** What the objects are made from. */
export interface KubernetesOptions {
  readonly groups: readonly RuleGroup[];
  /** JSON by name of the file. */
  readonly dashboards: Readonly<Record<string, string>>;
  /** The job that rules and dashboards look for. */
  readonly job: string;
  /** Put on what the operator of Prometheus selects by labels: rules and monitors. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whether `/metrics` asks for a token. */
  readonly token: boolean;
}

/** By these the pods of soakd are found, and what is made here. */
const NAME = 'app.kubernetes.io/name';
const OWN = { [NAME]: 'soakd' } as const;

/** Of soakd: a longer one costs resolution, since its runs change within seconds. */
const SCRAPE = { interval: '5s', scrapeTimeout: '4s' } as const;

/** By which the sidecar of Grafana's chart finds dashboards. */
const DASHBOARD = { grafana_dashboard: '1' } as const;

/** The secret that holds the token for `/metrics`, where one is needed. */
const TOKEN = { name: 'soakd-metrics', key: 'token' } as const;

/** @returns one YAML document for each object: rules, how to scrape, dashboards */
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
function podMonitor({ job, labels, token }: KubernetesOptions) {
  const endpoint = {
    port: 'http',
    path: '/metrics',
    ...SCRAPE,
    ...(token ? { authorization: { credentials: TOKEN } } : {}),
    // Else the job would be named after the namespace and this object.
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
    // Without blanks: `kubectl apply` keeps a copy of all, which has its limit.
    data: { [file]: JSON.stringify(JSON.parse(json)) },
  }));
}
