/** In a room with the machine's network: builds the image from the Dockerfile, for the next engine of this folder. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasStandIn, importStandIn } from './bases.ts';
import { Checks } from './checks.ts';
import { baseImages, ROOT, readCompose, readText } from './committed.ts';
import { startEngine } from './engine.ts';
import { checkDefaults, checkFiles, checkPackages, checkSize, filesOf } from './image.ts';
import { leave, toldToStop } from './room.ts';

const [folder, cgroup] = process.argv.slice(2) as [string, string];
const signal = toldToStop();
const checks = new Checks((line) => process.stdout.write(`${line}\n`));
const engine = await startEngine({ folder, cgroup, networks: false, signal });
const { docker } = engine;

const bases = baseImages(readText('Dockerfile'));
const services = Object.values(readCompose().services);
const image = services.find(({ build }) => build !== undefined)!.image;

try {
  const made = await checks.that('stand-ins for the images of a registry', async () => {
    const images = [...bases, ...services.map((service) => service.image).filter(hasStandIn)];
    const parts = join(folder, 'bases');
    mkdirSync(parts);
    await Promise.all(images.map((name) => importStandIn(docker, name, parts)));
    rmSync(parts, { recursive: true });
    return images.join(', ');
  });
  const built =
    made &&
    (await checks.that('the image builds from the Dockerfile', async () => {
      const from = performance.now();
      // The network of the engine, in which npm finds its registry: this engine has no other.
      await docker(['build', '--network=host', '--tag', image, ROOT], { timeoutMs: 180_000 });
      return `${image} in ${((performance.now() - from) / 1000).toFixed(1)} s`;
    }));
  if (built) {
    await checks.that('its defaults', () => checkDefaults(docker, image));
    await checks.that('its size', () => checkSize(docker, image, bases.at(-1)!));
    const files = await filesOf(docker, image, folder);
    await checks.that('no test, tool or secret in it', () => checkFiles(files));
    await checks.that('only packages for run time in it', () => checkPackages(files));
  }
} finally {
  await engine.stop();
  if (signal.aborted) leave(folder);
}
process.exit(checks.failed === 0 ? 0 : 1);
