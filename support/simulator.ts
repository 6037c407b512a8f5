import { freePort } from './ports.ts';
import { type Running, soakd } from './process.ts';

/** What the simulator really sent. */
export interface GroundTruth {
  readonly started: number;
  readonly active: number;
  readonly finished: Readonly<Record<string, number>>;
  readonly chunks: number;
  readonly bytes: number;
  readonly characters: number;
}

export interface Simulated {
  readonly url: string;
  readonly port: number;
  readonly program: Running;
  groundTruth(): Promise<GroundTruth>;
  stop(): Promise<void>;
}

/** `soakd simulate` in a process of its own. @param port absent: a free one */
export async function simulate(args: readonly string[], port?: number): Promise<Simulated> {
  const at = port ?? (await freePort());
  const program = soakd(['simulate', '--port', String(at), ...args]);
  await program.line(/ground truth/, 30_000);
  const url = `http://127.0.0.1:${at}`;
  return {
    url,
    port: at,
    program,
    groundTruth: async () => (await fetch(`${url}/ground-truth`)).json() as Promise<GroundTruth>,
    stop: async () => {
      await program.stop();
    },
  };
}
