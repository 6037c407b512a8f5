import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseAllDocuments } from 'yaml';
import { DEFAULT_DASHBOARDS, dashboardFiles } from '../../src/gen/dashboards/files.ts';
import { type KubernetesOptions, kubernetesText } from '../../src/gen/kubernetes.ts';
import { DEFAULT_RULES, ruleGroups } from '../../src/gen/rules.ts';
import { soakd } from '../../support/process.ts';
import schemas from './kubernetes-schemas.json' with { type: 'json' };

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly groups?: readonly object[];
    readonly podMetricsEndpoints?: readonly {
      readonly port: string;
      readonly authorization?: object;
      readonly relabelings: object;
    }[];
  };
  readonly data?: Readonly<Record<string, string>>;
}

const OPTIONS: KubernetesOptions = {
  groups: ruleGroups(DEFAULT_RULES),
  dashboards: dashboardFiles(DEFAULT_DASHBOARDS),
  job: 'soak',
  labels: {},
  token: false,
  port: 'http',
};

function objectsIn(text: string): KubernetesObject[] {
  return parseAllDocuments(text).map((document) => {
    assert.deepEqual('errors' in document ? document.errors : [], []);
    return document.toJS() as KubernetesObject;
  });
}
const made = (options: Partial<KubernetesOptions> = {}) =>
  objectsIn(kubernetesText({ ...OPTIONS, ...options }, '# heading'));

const ajv = new Ajv2020({ allErrors: true });
const validators = {
  PodMonitor: ajv.compile(schemas.PodMonitor),
  PrometheusRule: ajv.compile(schemas.PrometheusRule),
};

/** @returns what the schema of the Prometheus Operator finds wrong */
function wrongWith(object: KubernetesObject): string[] {
  const validate = validators[object.kind as keyof typeof validators];
  validate(object);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

const ofKind = (kind: string, objects: readonly KubernetesObject[]) => objects.filter((o) => o.kind === kind);

describe('objects for Kubernetes', () => {
  it('those of the Prometheus Operator are as its schema wants them', () => {
    for (const options of [{}, { token: true, labels: { release: 'kube-prometheus-stack' } }]) {
      const objects = made(options);
      for (const kind of Object.keys(validators)) {
        const [only, ...more] = ofKind(kind, objects);
        assert.equal(more.length, 0);
        assert.deepEqual(wrongWith(only!), [], kind);
      }
    }
  });

  it('the schema finds mistakes', () => {
    const [rule] = ofKind('PrometheusRule', made());
    const [monitor] = ofKind('PodMonitor', made());
    const broken: [KubernetesObject, RegExp][] = [
      [{ ...rule!, spec: { groups: [{ name: 'a', interval: '15 s', rules: [] }] } }, /interval must match/],
      [{ ...rule!, spec: { groups: [{ name: 'a', rules: [{ alert: 'A' }] }] } }, /required property 'expr'/],
      [{ ...rule!, apiVersion: 'v1' }, /apiVersion must be equal/],
      [{ ...monitor!, spec: {} }, /required property 'selector'/],
      [{ ...monitor!, extra: 1 } as KubernetesObject, /additional properties/],
    ];
    for (const [object, says] of broken) assert.match(wrongWith(object).join('\n'), says);
  });

  it('the rules are those of the rule files', () => {
    const [rule] = ofKind('PrometheusRule', made());
    assert.deepEqual(rule!.spec!.groups, JSON.parse(JSON.stringify(OPTIONS.groups)));
  });

  it('scraping gives the job that rules and dashboards look for, with a token where one is needed', () => {
    const endpoint = (options: Partial<KubernetesOptions>) =>
      ofKind('PodMonitor', made(options))[0]!.spec!.podMetricsEndpoints![0]!;
    assert.deepEqual(endpoint({ job: 'soak-eu' }).relabelings, [
      { action: 'replace', targetLabel: 'job', replacement: 'soak-eu' },
    ]);
    assert.equal(endpoint({}).authorization, undefined);
    assert.deepEqual(endpoint({ token: true }).authorization, {
      credentials: { name: 'soakd-metrics', key: 'token' },
    });
  });

  it('scraping takes the port of the metrics where they have one of their own', () => {
    const portOf = (port: KubernetesOptions['port']) =>
      ofKind('PodMonitor', made({ port }))[0]!.spec!.podMetricsEndpoints![0]!.port;
    assert.deepEqual([portOf('http'), portOf('metrics')], ['http', 'metrics']);
  });

  it('each dashboard is a ConfigMap that the sidecar of Grafana finds and the API server takes', () => {
    const maps = ofKind('ConfigMap', made());
    assert.deepEqual(
      maps.map(({ metadata }) => metadata.name),
      ['soak-overview', 'soak-target', 'soak-generator'],
    );
    for (const { metadata, data, apiVersion } of maps) {
      assert.equal(apiVersion, 'v1');
      assert.equal(metadata.labels.grafana_dashboard, '1');
      const [[file, json], ...more] = Object.entries(data!) as [[string, string]];
      assert.equal(more.length, 0);
      assert.deepEqual(JSON.parse(json), JSON.parse(OPTIONS.dashboards[file]!));
      // `kubectl apply` keeps a copy in an annotation of at most 256 KiB.
      assert.ok(json.length < 200_000, `${file}: ${json.length}`);
    }
  });

  it('labels of the operator are on what it selects, and names are legal', () => {
    const objects = made({ labels: { release: 'kps' } });
    for (const { kind, metadata } of objects) {
      assert.match(metadata.name, /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/);
      assert.equal(metadata.labels.release, kind === 'ConfigMap' ? undefined : 'kps');
      assert.equal(metadata.labels['app.kubernetes.io/name'], 'soakd');
    }
  });
});

const CONFIG = `
serve: { tokens: [{ name: op, role: operate, token: "\${env:SOAKD_TEST_UNSET}" }] }
targets:
  - { name: chat, url: "http://127.0.0.1:1/", thresholds: { ttfb-p95: 1.2s } }
scenarios:
  s: { target: chat, stages: [{ users: 1, for: 1s }] }
thresholds: { ttfb-p95: 3s, ttfb-p50: off, ttfb-mean: off }
`;

describe('soakd export', () => {
  const exported = async (what: string, ...args: string[]): Promise<(name: string) => string> => {
    const folder = mkdtempSync(join(tmpdir(), 'soakd-export-'));
    try {
      writeFileSync(join(folder, 'soakd.yaml'), CONFIG);
      const program = soakd(['export', what, '--out', 'out', ...args], { cwd: folder });
      const { code } = await program.ended(20_000);
      assert.equal(code, 0, program.stderr.text);
      const files = program.stdout.text.trim().split('\n');
      const texts = new Map(
        files.map((line) => {
          const path = line.replace(/: .*$/, '');
          return [path.replace(/^.*\//, ''), readFileSync(join(folder, path), 'utf8')];
        }),
      );
      return (name) => texts.get(name) ?? assert.fail(`no ${name} among ${[...texts.keys()]}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  it('dashboards: with the limits of the configuration, without its secrets being there', async () => {
    const text = await exported('dashboards', '--host-job', 'nodes');
    assert.match(text('soak-target.json'), /1\.2 \* group\(.*target=\\"chat\\"/);
    assert.match(text('soak-target.json'), /3 \* group\(.*target!=\\"chat\\"/);
    assert.match(text('soak-target.json'), /node_cpu_seconds_total\{job=\\"nodes\\"/);
    for (const name of ['soak-overview.json', 'soak-generator.json']) JSON.parse(text(name));
  });

  it('kubernetes: all of it in one file, for the job and the operator that were named', async () => {
    const text = await exported(
      'kubernetes',
      '--job',
      'soak-eu',
      '--label',
      'release=kps',
      '--label',
      'a/b=',
    );
    const yaml = text('soak-monitoring.yaml');
    assert.match(yaml, /^# Made by `soakd export kubernetes` from soakd\.yaml/);
    const objects = objectsIn(yaml);
    const [rule] = ofKind('PrometheusRule', objects);
    const [monitor] = ofKind('PodMonitor', objects);
    assert.deepEqual([...wrongWith(rule!), ...wrongWith(monitor!)], []);
    assert.equal(rule!.metadata.labels.release, 'kps');
    assert.equal(rule!.metadata.labels['a/b'], '');
    assert.match(JSON.stringify(rule), /up\{job=\\"soak-eu\\"\}/);
    assert.match(JSON.stringify(rule), /over_1200ms/);
    assert.match(JSON.stringify(monitor), /"replacement":"soak-eu"/);
    assert.match(JSON.stringify(monitor), /soakd-metrics/, 'tokens are configured: /metrics needs one');
    assert.equal(ofKind('ConfigMap', objects).length, 3);
  });
});
