import { type CommandOptions, outcomeOf, run } from './command.ts';
import { ROOT } from './committed.ts';
import { type Inspected, inspect } from './container.ts';
import type { Engine } from './engine.ts';

const NAME = 'soakd-check';

/** The stack, as docker-compose sees it. */
export interface Project {
  readonly engine: Engine;
  compose(args: readonly string[]): Promise<string>;
  /** @returns what it says where no token is set. @throws Error when it does not mind */
  refusal(): Promise<string>;
  container(service: string): Promise<Inspected>;
  /** The end of what services wrote to their logs. */
  logs(services: readonly string[]): Promise<string>;
  /** What is left of it: names of containers, volumes and networks. */
  remains(): Promise<string[]>;
}

export interface ProjectOptions {
  readonly token: string;
  /** That soakd may have open at once. */
  readonly descriptors: number;
  readonly signal: AbortSignal;
}

export function composeProject(engine: Engine, { token, descriptors, signal }: ProjectOptions): Project {
  const own = Object.fromEntries(
    // Which files and profiles a developer has chosen by hand is not what is looked at.
    Object.entries(engine.env).filter(([name]) => !name.startsWith('COMPOSE_')),
  );
  const args = (more: readonly string[]) => ['--project-name', NAME, '--file', 'docker-compose.yml', ...more];
  const options = (operatorToken: string): CommandOptions => ({
    cwd: ROOT,
    env: { ...own, SOAK_OPERATOR_TOKEN: operatorToken, SOAKD_NOFILE: String(descriptors) },
    signal,
  });
  const compose = (more: readonly string[]) => run('docker-compose', args(more), options(token));
  return {
    engine,
    compose,
    async refusal() {
      const { code, stderr } = await outcomeOf('docker-compose', args(['config']), options(''));
      if (code === 0) throw new Error('it does not mind');
      const said = /SOAK_OPERATOR_TOKEN.*docs\/docker\.md/.exec(stderr.replace(/\s+/g, ' '));
      if (said === null) throw new Error(`it says ${stderr}`);
      return `exit code ${code}`;
    },
    async container(service) {
      return inspect(engine.docker, await compose(['ps', '--quiet', service]));
    },
    async logs(services) {
      const parts = services.map(async (service) => {
        const { stdout, stderr } = await outcomeOf(
          'docker',
          ['logs', '--tail=40', await compose(['ps', '--quiet', service])],
          { env: engine.env },
        );
        return `--- ${service}\n${stdout}${stderr}`;
      });
      return (await Promise.allSettled(parts))
        .map((part) => (part.status === 'fulfilled' ? part.value : `${part.reason}\n`))
        .join('');
    },
    async remains() {
      const filter = ['--filter', `label=com.docker.compose.project=${NAME}`];
      const lists = await Promise.all([
        engine.docker(['ps', '--all', ...filter, '--format={{.Names}}']),
        engine.docker(['volume', 'ls', ...filter, '--format={{.Name}}']),
        engine.docker(['network', 'ls', ...filter, '--format={{.Name}}']),
      ]);
      return lists.flatMap((list) => list.split('\n')).filter((name) => name !== '');
    },
  };
}
