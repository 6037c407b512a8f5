import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/load.ts';
import { readSmallText } from '../config/regular-file.ts';
import { DEFAULT_MAX_BYTES } from '../config/schema/root.ts';
import { processSecrets, resolveSecret } from '../config/secrets.ts';
import type { DoctorReport } from '../doctor/check.ts';
import { historyCheck } from '../doctor/checks/history.ts';
import { examine } from '../doctor/examine.ts';
import { needOf } from '../doctor/need.ts';
import { checkTargets } from '../doctor/targets.ts';
import { doctorText } from '../doctor/text.ts';
import { dataFolder } from '../history/folder.ts';
import { inspectFolder } from '../history/inspect.ts';
import { readText } from '../machine/files.ts';
import { thisHost } from '../machine/host.ts';
import { readMachine } from '../machine/machine.ts';
import { measurePace } from '../machine/pace.ts';
import { NETWORK } from '../transport/dial.ts';
import { lookUp } from '../transport/names.ts';
import { exitWith } from './exit.ts';
import { dataOption } from './options.ts';

interface DoctorFlags {
  readonly users?: number;
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

/** Duration of the timer measurement, ms. */
const PACE_MS = 1000;

export function doctorCommand(): Command {
  return new Command('doctor')
    .option('--users <n>', 'virtual users (default: the maximum of the configuration, else 3000)', users)
    .option(
      '-c, --config <file>',
      'configuration file: its scenarios define the requirements; opens one connection to each of its targets',
    )
    .addOption(
      dataOption(
        '; without a file $XDG_STATE_HOME/soakd',
        'data folder to check, or "none" to skip that check',
      ),
    )
    .option('--json', 'print the report as one line of JSON, the last line of standard output')
    .action(doctor);
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const config = flags.config === undefined ? undefined : loadConfig(flags.config, { checkSecrets: true });
  const clock = (): number => performance.now();
  const need = needOf(config, flags.users);
  const pace = await measurePace(PACE_MS, readText, clock, sleep);
  const secrets = processSecrets(process.cwd());
  const targets =
    config === undefined
      ? []
      : await checkTargets(config, {
          lookup: lookUp,
          readFile: readSmallText,
          resolveSecret: (text, into) => resolveSecret(text, secrets, into),
          env: process.env,
          network: NETWORK,
          clock,
        });
  const folder = dataFolder(flags.data, flags.config);
  const history = historyCheck(
    folder && inspectFolder(folder),
    config?.history.maxBytes ?? DEFAULT_MAX_BYTES,
  );
  const checks = [...examine(readMachine(readText, thisHost()), pace, need), history, ...targets];
  const ok = checks.every((c) => c.state !== 'fail');
  const report: DoctorReport = { schema: 1, users: need.users, ok, checks };
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : doctorText(report));
  exitWith(ok ? 0 : 1);
}

function users(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new InvalidArgumentError(`found "${text}", expected a number of users from 1 to 9999999.`);
  }
  return Number(text);
}
