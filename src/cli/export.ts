import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/load.ts';
import { SoakError } from '../core/errors.ts';
import type { Config } from '../core/scenario.ts';
import { alertmanagerText, DEFAULT_ALERTMANAGER } from '../gen/alertmanager.ts';
import { runbookPage } from '../gen/docs.ts';
import { kubernetesText } from '../gen/kubernetes.ts';
import { DEFAULT_RULES, RULE_FILES, ruleFiles, ruleGroups } from '../gen/rules.ts';
import { exitWith } from './exit.ts';
import { type ExportedFiles, writeExport } from './export-files.ts';

interface ExportFlags {
  readonly config: string;
  readonly out: string;
  readonly force?: boolean;
  readonly runbookBase: string;
  readonly job: string;
  readonly hostJob: string;
  readonly webhook: string;
  readonly watchdog: string;
  readonly label: Readonly<Record<string, string>>;
}

interface Export {
  readonly about: string;
  /** @param config read only when it is asked for: an export may need none */
  readonly make: (config: () => Config, flags: ExportFlags) => ExportedFiles | Promise<ExportedFiles>;
}

/** What can be exported, by name. */
const EXPORTS: Readonly<Record<string, Export>> = {
  rules: {
    about: 'recording and alert rules for Prometheus, with the limits of the configuration',
    make(config, { config: file, runbookBase, job, hostJob }) {
      // A comment is one line, whatever is in the name.
      const from = file.replace(/\s+/g, ' ');
      const heading = `# Made by \`soakd export rules\` from ${from}: change limits there, and export again.`;
      const settings = config();
      const jobs = { soak: job, host: hostJob };
      const files = ruleFiles({ ...DEFAULT_RULES, settings, jobs, runbookBase }, heading);
      // A group whose alerts are all off must not stay behind.
      return Object.fromEntries(RULE_FILES.map((name) => [name, files[name]]));
    },
  },
  runbook: {
    about: 'what each alert means and what to do, with the limits of the configuration',
    make: (config, { config: file }) => {
      const note = `Made by \`soakd export runbook\` from ${file.replace(/\s+/g, ' ')}: change limits there, and export again.`;
      return { 'alerts.md': runbookPage(config(), note) };
    },
  },
  alertmanager: {
    about: 'a configuration of Alertmanager: routes, inhibition, a webhook',
    make: (_config, { webhook, watchdog }) => ({
      'alertmanager.yml': `# Made by \`soakd export alertmanager\`.\n${alertmanagerText({ ...DEFAULT_ALERTMANAGER, webhook, watchdog })}`,
    }),
  },
  dashboards: {
    about: 'dashboards for Grafana, with the limits of the configuration',
    make: (config, flags) => dashboards(config(), flags),
  },
  kubernetes: {
    about: 'for the Prometheus Operator: the rules, how to scrape soakd, the dashboards',
    async make(config, flags) {
      const { config: file, runbookBase, job, hostJob, label } = flags;
      const settings = config();
      const jobs = { soak: job, host: hostJob };
      const text = kubernetesText(
        {
          groups: ruleGroups({ ...DEFAULT_RULES, settings, jobs, runbookBase }),
          dashboards: await dashboards(settings, flags),
          job,
          labels: label,
          token: settings.serve.metrics === 'token',
        },
        `# Made by \`soakd export kubernetes\` from ${file}: change limits there, and export again.`,
      );
      return { 'soak-monitoring.yaml': text };
    },
  },
};

/** Loaded when they are asked for: no other command has to wait for Grafana's SDK. */
async function dashboards(settings: Config, { hostJob }: ExportFlags): Promise<Record<string, string>> {
  const { dashboardFiles, DEFAULT_DASHBOARDS } = await import('../gen/dashboards/files.ts');
  return dashboardFiles({ ...DEFAULT_DASHBOARDS, settings, hostJob });
}

export function exportCommand(): Command {
  const names = Object.keys(EXPORTS);
  const list = names.map((name) => `  ${name.padEnd(14)} ${EXPORTS[name]!.about}`).join('\n');
  return new Command('export')
    .description('files for the programs that watch soakd, made to fit a configuration')
    .argument('<what>', `what to export: ${names.join(', ')}`)
    .requiredOption('-o, --out <folder>', 'where the files are written; made if it is not there')
    .option('-c, --config <file>', 'configuration', 'soakd.yaml')
    .option('--force', 'replace files that were edited, or are not from soakd')
    .option(
      '--runbook-base <url>',
      'rules, kubernetes: address of docs/alerts.md, for the links in alerts',
      DEFAULT_RULES.runbookBase,
    )
    .option('--job <name>', 'rules, kubernetes: job that scrapes soakd', jobName, DEFAULT_RULES.jobs.soak)
    .option(
      '--host-job <name>',
      'all but alertmanager: job that scrapes node_exporter on the hosts of targets',
      jobName,
      DEFAULT_RULES.jobs.host,
    )
    .option('--webhook <url>', 'alertmanager: where alerts are posted', url, DEFAULT_ALERTMANAGER.webhook)
    .option(
      '--watchdog <url>',
      'alertmanager: where the Watchdog is posted',
      url,
      DEFAULT_ALERTMANAGER.watchdog,
    )
    .option(
      '--label <name=value>',
      'kubernetes: label that the Prometheus Operator selects rules and monitors by; can be given again',
      label,
      {},
    )
    .addHelpText('after', `\nWhat can be exported:\n${list}`)
    .action(run);
}

async function run(what: string, flags: ExportFlags): Promise<void> {
  const wanted = Object.hasOwn(EXPORTS, what) ? EXPORTS[what] : undefined;
  if (wanted === undefined) {
    const known = Object.keys(EXPORTS).join(', ');
    throw new SoakError('USAGE', `found "${what.slice(0, 80)}", expected one of ${known}`);
  }
  // Secrets are not needed to know the limits.
  const config = () => loadConfig(flags.config, { checkSecrets: false });
  const done = writeExport(flags.out, await wanted.make(config, flags), flags.force === true);
  process.stdout.write(done.map((line) => `${line}\n`).join(''));
  exitWith(0);
}

function jobName(text: string): string {
  // It stands within quotes in PromQL.
  if (!/^[\w./:-]{1,100}$/.test(text))
    throw new InvalidArgumentError(`found "${text}", expected the name of a job.`);
  return text;
}

function label(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([\w./-]{1,253})=([\w.-]{0,63})$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError(`found "${text}", expected name=value.`);
  return { ...before, [name]: value };
}

function url(text: string): string {
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new InvalidArgumentError(
      `found "${text}", expected an address such as http://127.0.0.1:9098/alerts.`,
    );
  return text;
}
