/** In a room with a network of its own: brings up docker-compose.yml, looks at all of it, and takes it down. */
import { randomBytes } from 'node:crypto';
import { hasStandIn } from './bases.ts';
import { Checks } from './checks.ts';
import { run } from './command.ts';
import { readCompose, usualDescriptors } from './committed.ts';
import { composeProject } from './compose.ts';
import { startEngine } from './engine.ts';
import { checkOutside } from './outside.ts';
import { leave, toldToStop } from './room.ts';
import { checkServices } from './services.ts';
import { checkEnd } from './shutdown.ts';
import { checkWatching } from './watching.ts';

const [folder, cgroup] = process.argv.slice(2) as [string, string];
const signal = toldToStop();
const checks = new Checks((line) => process.stdout.write(`${line}\n`));
const services = readCompose().services;
const token = randomBytes(32).toString('hex');

await run('ip', ['link', 'set', 'lo', 'up']);
const engine = await startEngine({ folder, cgroup, networks: true, signal });
const chosen = Object.keys(services).filter(
  (name) => services[name]!.build !== undefined || hasStandIn(services[name]!.image),
);
// A machine that is itself confined may not raise its limit.
const most = Number(await run('sh', ['-c', 'ulimit -H -n'])) || Number.POSITIVE_INFINITY;
const usual = usualDescriptors(services.soakd!);
const descriptors = Math.min(usual, most);
const project = composeProject(engine, { token, descriptors, signal });

try {
  if (descriptors < usual) {
    process.stdout.write(`--    SOAKD_NOFILE=${descriptors}: this machine may not give the usual ${usual}\n`);
  }
  for (const name of Object.keys(services).filter((one) => !chosen.includes(one))) {
    process.stdout.write(`--    ${name} is left out: there is no stand-in for ${services[name]!.image}\n`);
  }
  await checks.that('without a token docker-compose refuses, and says what to do', () => project.refusal());
  const up = await checks.that(
    'docker-compose brings up what the Dockerfile made and its company',
    async () => {
      await project.compose(['up', '--detach', '--no-build', ...chosen]);
      return chosen.join(', ');
    },
  );
  const healthy = up && (await checkServices(checks, { project, services, chosen, signal }));
  if (healthy) {
    await checkOutside(checks, { project, token, signal });
    await checkWatching(checks, { chosen, signal });
  }
  if (checks.failed > 0) process.stdout.write(await project.logs(chosen));
  if (healthy) await checkEnd(checks, { project, chosen, signal });
} finally {
  if (!signal.aborted) await project.compose(['down', '--volumes', '--timeout', '5']).catch(() => {});
  await engine.stop();
  if (signal.aborted) leave(folder);
}
process.exit(checks.failed === 0 ? 0 : 1);
