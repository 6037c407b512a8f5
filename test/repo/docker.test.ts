import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import {
  baseImages,
  type Compose,
  type ComposeService,
  readCompose,
  readText,
} from '../../scripts/compose/committed.ts';
import { loadConfig } from '../../src/config/load.ts';
import { GRACE_MS } from '../../src/core/run.ts';
import { needs } from '../../support/needs.ts';
import { ROOT } from '../../support/root.ts';

// What can be told from the files alone. scripts/compose-check.ts builds and runs them.

const compose = readCompose();
const dockerfile = readText('Dockerfile');
const manifest = JSON.parse(readText('package.json')) as {
  version: string;
  devDependencies: { node: string };
};

const PINNED = /^[a-z][a-z0-9./-]*:v?\d+\.\d+\.\d+(-[a-z0-9.-]+)?$/;
/** What no container here may ask for: each opens a way out of it. */
const FORBIDDEN = [
  'privileged',
  'cap_add',
  'devices',
  'network_mode',
  'pid',
  'ipc',
  'userns_mode',
  'env_file',
];
/** Of the machine itself: node-exporter reads these two, and nothing else is anybody's business. */
const MACHINE = ['/proc', '/sys'];

function sameList(value: unknown, wanted: readonly string[]): boolean {
  return JSON.stringify(value) === JSON.stringify(wanted);
}

/** @returns what is wrong with a service, each as a few words */
function faultsOfService(service: ComposeService, volumes: readonly string[]): string[] {
  const logging = service.logging as { options?: Record<string, string> } | undefined;
  const rules: readonly (readonly [fault: string, right: boolean])[] = [
    ['its image is not pinned', PINNED.test(service.image)],
    ['its root can be written', service.read_only === true],
    ['it keeps capabilities', sameList(service.cap_drop, ['ALL'])],
    ['it can gain privileges', sameList(service.security_opt, ['no-new-privileges:true'])],
    ['no memory limit', /^\d+[mg]$/.test(String(service.mem_limit))],
    ['no limit of processes', Number(service.pids_limit) > 0],
    ['it does not come back after a restart of the machine', service.restart === 'unless-stopped'],
    ['its log has no bound', Boolean(logging?.options?.['max-size'] && logging.options['max-file'])],
    // Of an image that is built here the Dockerfile has it.
    ['no health check', service.build !== undefined || Array.isArray(service.healthcheck?.test)],
    ...FORBIDDEN.map((key) => [`it has ${key}`, !(key in service)] as const),
    ...(service.ports ?? []).map(
      (port) => [`${port} is open to others`, /^127\.0\.0\.1:\d+:\d+$/.test(port)] as const,
    ),
  ];
  const mounts = (service.volumes ?? []).flatMap((mount) => {
    const [source, , mode] = mount.split(':') as [string, string, string?];
    if (!/^[./]/.test(source)) return volumes.includes(source) ? [] : [`volume ${source} is not declared`];
    return [
      ...(mode === 'ro' ? [] : [`${source} can be written`]),
      ...((source.startsWith('./') ? existsSync(join(ROOT, source)) : MACHINE.includes(source))
        ? []
        : [`${source} is not in this repository`]),
    ];
  });
  return [...rules.filter(([, right]) => !right).map(([fault]) => fault), ...mounts];
}

function faults({ services, volumes }: Compose): string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    faultsOfService(service, Object.keys(volumes)).map((fault) => `${name}: ${fault}`),
  );
}

describe('docker-compose.yml', () => {
  it('keeps every service pinned, confined, watched and on loopback', () => {
    assert.deepEqual(Object.keys(compose.services), [
      'soakd',
      'prometheus',
      'alertmanager',
      'node-exporter',
      'grafana',
    ]);
    assert.deepEqual(faults(compose), []);
  });

  // The test above is worth what the check below finds.
  const mistakes: readonly [change: Partial<ComposeService>, fault: RegExp][] = [
    [{ image: 'prom/prometheus' }, /not pinned/],
    [{ image: 'prom/prometheus:latest' }, /not pinned/],
    [{ image: 'prom/prometheus:v3' }, /not pinned/],
    [{ read_only: false }, /root can be written/],
    [{ cap_drop: ['NET_RAW'] }, /capabilities/],
    [{ security_opt: [] }, /privileges/],
    [{ mem_limit: 0 }, /memory/],
    [{ pids_limit: 0 }, /processes/],
    [{ restart: 'no' }, /come back/],
    [{ logging: { driver: 'json-file' } }, /log/],
    [{ healthcheck: { disable: true } }, /health/],
    [{ privileged: true }, /privileged/],
    [{ network_mode: 'host' }, /network_mode/],
    [{ ports: ['9090:9090'] }, /open to others/],
    [{ ports: ['0.0.0.0:9090:9090'] }, /open to others/],
    [{ volumes: ['./docker/prometheus.yml:/x'] }, /can be written/],
    [{ volumes: ['./docker/nothing.yml:/x:ro'] }, /not in this repository/],
    [{ volumes: ['/:/host:ro'] }, /not in this repository/],
    [{ volumes: ['data:/x'] }, /not declared/],
  ];
  for (const [change, fault] of mistakes) {
    it(`a service with ${JSON.stringify(change)} would be found`, () => {
      const prometheus = { ...compose.services.prometheus!, ...change };
      const found = faults({ ...compose, services: { prometheus } });
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0]!, fault);
    });
  }

  it('asks for a token and knows none', () => {
    const { environment } = compose.services.soakd!;
    assert.match(environment!.SOAK_OPERATOR_TOKEN!, /^\$\{SOAK_OPERATOR_TOKEN:\?.*docs\/docker\.md/);
    for (const { environment: all = {} } of Object.values(compose.services)) {
      for (const [name, value] of Object.entries(all)) {
        if (/TOKEN|PASSWORD|SECRET|KEY/.test(name)) assert.match(value, /^\$\{\w+:\?/, name);
      }
    }
  });

  it('gives soakd more time to end than soakd gives its streams', () => {
    const grace = /^(\d+)s$/.exec(String(compose.services.soakd!.stop_grace_period))![1];
    assert.ok(Number(grace) * 1000 > GRACE_MS + 2000, `${grace} s`);
  });

  it('names the image after the version', () => {
    assert.equal(compose.services.soakd!.image, `soakd:${manifest.version}`);
    assert.match(dockerfile, new RegExp(`image\\.version="${manifest.version.replaceAll('.', '\\.')}"`));
  });
});

describe('Dockerfile', () => {
  const stages = dockerfile.split(/^(?=FROM )/m).slice(1);
  const last = stages.at(-1)!;

  it('begins with the Node that is tested here', () => {
    for (const image of baseImages(dockerfile)) {
      assert.match(image, PINNED);
      assert.ok(image.startsWith(`node:${manifest.devDependencies.node}-`), image);
    }
  });

  it('ends as a user with few rights, with node as process 1 and a health check', () => {
    assert.match(last, /^USER [1-9]\d*:[1-9]\d*$/m);
    assert.match(last, /^STOPSIGNAL SIGTERM$/m);
    assert.match(last, /^ENTRYPOINT \["node", /m);
    assert.match(last, /^CMD \["serve", /m);
    assert.match(last, /^HEALTHCHECK .* CMD \["node", "healthcheck\.mjs"\]$/m);
    assert.doesNotMatch(last, /^(RUN|ADD) /m, 'the last stage only copies');
    const owned = [...last.matchAll(/^COPY .*--chown.*$/gm)].map(([line]) => line);
    assert.deepEqual(
      owned,
      ['COPY --from=packages --chown=1000:1000 /data /var/lib/soakd'],
      'what runs cannot change itself',
    );
  });

  it('installs from the lockfile what is needed at run time, without scripts', () => {
    assert.match(dockerfile, /^RUN npm ci --omit=dev --ignore-scripts /m);
  });

  it('copies only what .dockerignore lets in, which keeps everything else out', () => {
    const lines = readText('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    assert.equal(lines[0], '*');
    const allowed = lines
      .filter((line) => line.startsWith('!'))
      .map((line) => line.replace(/^!(.*?)\/?$/, '$1'));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths]) =>
      paths!.split(' '),
    );
    assert.deepEqual([...new Set(copied)].sort(), allowed.sort());
    for (const path of copied) assert.ok(existsSync(join(ROOT, path)), path);
  });
});

describe('docker/', () => {
  it('soakd.yaml is valid, listens to the other containers, asks for a token and leaves metrics open to them', () => {
    const { serve, scenarios } = loadConfig(join(ROOT, 'docker/soakd.yaml'), { checkSecrets: false });
    assert.equal(serve.host, '0.0.0.0');
    assert.equal(serve.port, 9876);
    assert.ok(serve.start !== undefined && serve.start in scenarios);
    assert.ok(serve.tokens.some(({ role }) => role === 'operate'));
    assert.equal(serve.metrics, 'open');
    assert.match(readText('docker/healthcheck.mjs'), /127\.0\.0\.1:9876\/-\/healthy/);
  });

  it('prometheus.yml scrapes services of docker-compose.yml', () => {
    const config = parse(readText('docker/prometheus.yml')) as {
      alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] };
      scrape_configs: {
        job_name: string;
        static_configs: { targets: string[]; labels?: Record<string, string> }[];
      }[];
    };
    const targets = [...config.scrape_configs, ...config.alerting.alertmanagers].flatMap(
      ({ static_configs }) => static_configs.flatMap((group) => group.targets),
    );
    for (const target of targets) {
      const host = target.split(':')[0]!;
      assert.ok(host === '127.0.0.1' || host in compose.services, target);
    }
    const soak = config.scrape_configs.find(({ job_name }) => job_name === 'soak');
    assert.deepEqual(soak?.static_configs, [{ targets: ['soakd:9876'] }]);
    // The rules ask for it by name, and for the name of a target.
    const host = config.scrape_configs.find(({ job_name }) => job_name === 'soak-target-host');
    const names = loadConfig(join(ROOT, 'docker/soakd.yaml'), { checkSecrets: false }).targets.map(
      (t) => t.name,
    );
    assert.ok(names.includes(host?.static_configs[0]?.labels?.target ?? ''));
  });

  it('promtool accepts prometheus.yml', { skip: needs('promtool') }, () => {
    accepted('promtool', ['check', 'config', join(ROOT, 'docker/prometheus.yml')]);
  });

  it('amtool accepts alertmanager.yml', { skip: needs('amtool') }, () => {
    accepted('amtool', ['check-config', join(ROOT, 'docker/alertmanager.yml')]);
  });

  it('Grafana finds Prometheus and the dashboards', () => {
    const { datasources } = parse(readText('docker/grafana/provisioning/datasources/prometheus.yml'));
    assert.equal(datasources.length, 1);
    assert.equal(datasources[0].uid, 'prometheus');
    assert.equal(datasources[0].url, 'http://prometheus:9090');
    const { providers } = parse(readText('docker/grafana/provisioning/dashboards/soakd.yml'));
    assert.equal(providers[0].folder, 'soakd');
    assert.ok(compose.services.grafana!.volumes!.includes(`./dashboards:${providers[0].options.path}:ro`));
  });
});

function accepted(program: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
}
