import type { Checks } from './checks.ts';
import type { ComposeService } from './committed.ts';
import type { Project } from './compose.ts';
import { checkConfined, listening } from './container.ts';
import { until } from './until.ts';

const HEALTH_MS = 90_000;

export interface ServicesOptions {
  readonly project: Project;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly chosen: readonly string[];
  readonly signal: AbortSignal;
}

/** Health and confinement of each container. @returns whether all are healthy */
export async function checkServices(
  checks: Checks,
  { project, services, chosen, signal }: ServicesOptions,
): Promise<boolean> {
  const from = performance.now();
  const healthy = await Promise.all(
    chosen.map((name) =>
      checks.that(`${name} is healthy`, async () => {
        const waiting = { signal, timeoutMs: HEALTH_MS, everyMs: 500 };
        const restarts = await until('good health', () => restartsOfHealthy(project, name), waiting);
        if (restarts > 0) throw new Error(`it was started again ${restarts} times`);
        return `after ${((performance.now() - from) / 1000).toFixed(0)} s`;
      }),
    ),
  );
  if (healthy.includes(false)) return false;
  for (const name of chosen) {
    await checks.that(`${name} is confined`, async () =>
      checkConfined((await project.container(name)).State.Pid, services[name]!),
    );
  }
  await checks.that('even root cannot write into soakd’s container', async () => {
    const script = `try { fs.writeFileSync('/app/x', ''); console.log('written') } catch (e) { console.log(e.code) }`;
    const { Id } = await project.container('soakd');
    const code = await project.engine.docker(['exec', '--user=0', Id, 'node', '-e', script]);
    if (code !== 'EROFS') throw new Error(code);
    return code;
  });
  await checks.that('ports are published on loopback alone', () => {
    const all = listening();
    const wanted = chosen
      .flatMap((name) => services[name]!.ports ?? [])
      .map((port) => port.split(':').slice(0, 2).join(':'));
    const missing = wanted.filter((address) => !all.includes(address));
    const open = all.filter((address) => !address.startsWith('127.'));
    if (missing.length > 0) throw new Error(`nobody listens on ${missing.join(', ')}`);
    if (open.length > 0) throw new Error(`open to others: ${open.join(', ')}`);
    return all.join(', ');
  });
  return true;
}

/** @returns how often it was started again once it is healthy, or once that is often enough to know */
async function restartsOfHealthy(project: Project, name: string): Promise<number> {
  const { State, RestartCount } = await project.container(name);
  if (State.Health?.Status === 'healthy' || RestartCount > 2) return RestartCount;
  const said = State.Health?.Log.at(-1)?.Output.trim() ?? '';
  throw new Error(`${State.Status}, ${State.Health?.Status} ${said}`);
}
