import type { MoreIn } from '../report/value-text.ts';
import { commandName } from './command-name.ts';

/**
 * Returns what shows the parts of a run that the summary of `soakd serve` omits: `serve` has no flags for them.
 * @param flags of `serve`; absent if no history is kept
 */
export function moreOfServe(
  run: string,
  flags: { readonly data?: string; readonly config: string } | undefined,
  env: NodeJS.ProcessEnv = process.env,
): MoreIn {
  if (flags === undefined) return { verbose: 'GET /api/v1/status', json: 'GET /api/v1/status' };
  const { data, config } = flags;
  const folder =
    data === undefined ? (config === 'soakd.yaml' ? '' : ` --config ${config}`) : ` --data ${data}`;
  const show = `${commandName(env)} runs show ${run}${folder}`;
  return { verbose: `${show} --verbose`, json: `${show} --json` };
}
