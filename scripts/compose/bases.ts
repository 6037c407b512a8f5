import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from './command.ts';
import type { Docker } from './engine.ts';
import { findProgram } from './programs.ts';
import { Rootfs } from './rootfs.ts';

const TEMPLATES = '/usr/share/prometheus/alertmanager';

/**
 * Stand-ins for the images of a registry, which the machine of the check need not reach: made of the programs that
 * are installed here, with the paths, users and defaults that the real ones have. So the check is of our files, and
 * the versions of the others are those of this machine.
 */
const STAND_INS: Readonly<Record<string, (rootfs: Rootfs) => Promise<readonly string[]>>> = {
  node: async (rootfs) => {
    rootfs.program(process.execPath, '/usr/local/bin/node');
    const npm = findProgram('npm');
    if (npm === undefined) throw new Error('npm is not installed');
    rootfs.copyFolder(dirname(dirname(realpathSync(npm))), '/usr/local/lib/node_modules/npm');
    rootfs.link('/usr/local/bin/npm', '../lib/node_modules/npm/bin/npm-cli.js');
    rootfs.write('/root/.npmrc', await registrySettings(rootfs, npm));
    rootfs.mkdir('/home/node', 1000);
    return [
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'ENTRYPOINT ["docker-entrypoint.sh"]',
      'CMD ["node"]',
    ];
  },
  'prom/prometheus': async (rootfs) => {
    rootfs.program(program('prometheus'), '/bin/prometheus');
    return serves(rootfs, '/prometheus', [
      '/bin/prometheus',
      '--config.file=/etc/prometheus/prometheus.yml',
      '--storage.tsdb.path=/prometheus',
    ]);
  },
  'prom/alertmanager': async (rootfs) => {
    rootfs.program(program('prometheus-alertmanager'), '/bin/alertmanager');
    // Debian keeps outside what upstream builds in.
    rootfs.copyFolder(TEMPLATES, TEMPLATES);
    return serves(rootfs, '/alertmanager', [
      '/bin/alertmanager',
      '--config.file=/etc/alertmanager/alertmanager.yml',
      '--storage.path=/alertmanager',
    ]);
  },
  'prom/node-exporter': async (rootfs) => {
    rootfs.program(program('prometheus-node-exporter'), '/bin/node_exporter');
    return ['USER nobody', 'ENTRYPOINT ["/bin/node_exporter"]'];
  },
};

/** @returns whether there is a stand-in for an image, whatever its tag */
export function hasStandIn(image: string): boolean {
  return nameOf(image) in STAND_INS;
}

/** Makes the stand-in for an image and gives it to the engine under the image's own name and tag. */
export async function importStandIn(docker: Docker, image: string, folder: string): Promise<void> {
  const name = nameOf(image);
  const rootfs = new Rootfs(join(folder, name.replace('/', '-')));
  const changes = await STAND_INS[name]!(rootfs);
  const tar = `${rootfs.folder}.tar`;
  await run('tar', ['--create', '--numeric-owner', '--file', tar, '--directory', rootfs.folder, '.']);
  await docker(['import', ...changes.flatMap((change) => ['--change', change]), tar, image]);
}

function nameOf(image: string): string {
  return image.slice(0, image.lastIndexOf(':'));
}

function program(name: string): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

/** As the images of the Prometheus project are made: data in a volume that belongs to nobody. */
function serves(rootfs: Rootfs, data: string, [entrypoint, ...args]: readonly string[]): string[] {
  rootfs.mkdir(data, 65534);
  return [
    'USER nobody',
    `WORKDIR ${data}`,
    `VOLUME ["${data}"]`,
    `ENTRYPOINT ${JSON.stringify([entrypoint])}`,
    `CMD ${JSON.stringify(args)}`,
  ];
}

/** How npm reaches its registry from this machine: its settings, and the authorities that it trusts. */
async function registrySettings(rootfs: Rootfs, npm: string): Promise<string> {
  const authorities = '/etc/ssl/certs/ca-certificates.crt';
  const known = existsSync(authorities);
  if (known) rootfs.copy(authorities, authorities);
  // Less what an npm that runs this passes down, which is about that run.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const get = (key: string) => run(npm, ['config', 'get', key], { env, cwd: '/' });
  const [registry, user] = await Promise.all(['registry', 'userconfig'].map(get));
  const own = existsSync(user!) ? readFileSync(user!, 'utf8') : '';
  // Not asked of npm: within a script of npm it is run by another Node, and finds no global settings.
  return `${own}\nregistry=${registry}\n${known ? `cafile=${authorities}\n` : ''}`;
}
