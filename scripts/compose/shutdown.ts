import { GRACE_MS } from '../../src/core/run.ts';
import type { Summary } from '../../src/schema/summary.ts';
import type { Checks } from './checks.ts';
import { outcomeOf } from './command.ts';
import type { Project } from './compose.ts';
import { inspect } from './container.ts';
import { queryValue, request } from './http.ts';
import { until } from './until.ts';

/** Of SIGTERM, in docs/usage.md. */
const EXIT_CODE = 143;
/** For the rest of a shutdown, on a busy machine; docker-compose.yml gives 7 s. */
const SLACK_MS = 6000;

export interface EndOptions {
  readonly project: Project;
  readonly chosen: readonly string[];
  readonly signal: AbortSignal;
}

/** How soakd ends, what outlives the containers, and that nothing is left in the end. */
export async function checkEnd(checks: Checks, { project, chosen, signal }: EndOptions): Promise<void> {
  const { docker } = project.engine;
  await checks.that('docker stop ends soakd with a summary', async () => {
    const { Id } = await project.container('soakd');
    const from = performance.now();
    await docker(['stop', Id]);
    const took = performance.now() - from;
    const { State } = await inspect(docker, Id);
    if (State.ExitCode !== EXIT_CODE || State.OOMKilled)
      throw new Error(`its exit code is ${State.ExitCode}`);
    if (took > GRACE_MS + SLACK_MS) throw new Error(`it took ${Math.round(took)} ms`);
    const { stderr: log } = await outcomeOf('docker', ['logs', Id], { env: project.engine.env });
    const line = log.split('\n').find((text) => text.endsWith('"msg":"run summary"}'));
    if (line === undefined) throw new Error(`no summary in ${log.slice(-2000)}`);
    const { verdict, streams } = JSON.parse(line).summary as Pick<Summary, 'verdict' | 'streams'>;
    return `after ${(took / 1000).toFixed(1)} s, exit code ${State.ExitCode}, ${verdict}, ${streams.started} streams`;
  });
  await checks.that('what Prometheus has stored outlives its container', async () => {
    const before = await queryValue('max(max_over_time(soak_chunks_received_total[1h]))', { signal });
    await project.compose(['down', '--timeout', '10']);
    await project.compose(['up', '--detach', '--no-build', 'prometheus']);
    const after = await until(
      'stored count',
      () => queryValue('max(max_over_time(soak_chunks_received_total[1h]))', { signal }),
      { signal, timeoutMs: 30_000 },
    );
    if (after < before) throw new Error(`${before} chunks before, ${after} after`);
    return `${after} chunks in a new container`;
  });
  await checks.that('in a new container soakd resumes the run, and its counters continue', async () => {
    const chunks = 'max(max_over_time(soak_chunks_received_total[1h]))';
    const before = await queryValue(chunks, { signal });
    await project.compose(['up', '--detach', '--no-build', 'soakd']);
    return until(
      'resume',
      async () => {
        const { text } = await request('http://127.0.0.1:9876/metrics', { signal });
        const value = (name: string) =>
          Number(new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'm').exec(text)?.[1]);
        if (value('soak_run_resumes_total') !== 1) throw new Error('it has not resumed a run');
        const after = value('soak_chunks_received_total');
        if (!(after >= before)) throw new Error(`${before} chunks before, ${after} after`);
        return `${before} chunks before, ${after} after`;
      },
      { signal, timeoutMs: 30_000 },
    );
  });
  await checks.that('docker-compose down --volumes leaves nothing', async () => {
    await project.compose(['down', '--volumes', '--timeout', '10']);
    const left = await project.remains();
    if (left.length > 0) throw new Error(left.join(', '));
    return `of ${chosen.length} services`;
  });
}
