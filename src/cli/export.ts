import { Command, InvalidArgumentError } from 'commander';
import { loadConfig } from '../config/load.ts';
import { SoakError } from '../core/errors.ts';
import type { Config } from '../core/scenario.ts';
import { alertmanagerText, DEFAULT_URLS } from '../gen/alertmanager.ts';
import { DEFAULT_DASHBOARDS, dashboardFiles } from '../gen/dashboards/files.ts';
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
  readonly label?: Readonly<Record<string, string>>;
}

interface Export {
  readonly about: string;
  /** @param config reads the configuration on demand, since not every export needs it */
  readonly make: (config: () => Config, flags: ExportFlags) => ExportedFiles;
}

/** Exports by name. */
const EXPORTS: Readonly<Record<string, Export>> = {
  rules: {
    about: 'recording and alert rules for Prometheus, with the limits of the configuration',
    make(config, { config: file, runbookBase, job, hostJob }) {
      // A line break in the name would end the comment.
      const from = file.replace(/\s+/g, ' ');
      const heading = `# Made by \`soakd export rules\` from ${from}: change limits there, and export again.`;
      const settings = config();
      const jobs = { soak: job, host: hostJob };
      const files = ruleFiles({ ...DEFAULT_RULES, settings, jobs, runbookBase }, heading);
      // The file of a group without alerts must not stay behind.
      return Object.fromEntries(RULE_FILES.map((name) => [name, files[name]]));
    },
  },
  runbook: {
    about: 'runbook: the meaning of each alert and what to do, with the limits of the configuration',
    make: (config, { config: file }) => {
      const note = `Made by \`soakd export runbook\` from ${file.replace(/\s+/g, ' ')}: change limits there, and export again.`;
      return { 'alerts.md': runbookPage(config(), note) };
    },
  },
  alertmanager: {
    about: 'Alertmanager configuration: routes, inhibition, a webhook',
    make: (_config, { webhook, watchdog }) => ({
      'alertmanager.yml': `# Made by \`soakd export alertmanager\`.\n${alertmanagerText({ webhook, watchdog })}`,
    }),
  },
  dashboards: {
    about: 'Grafana dashboards, with the limits of the configuration',
    make: (config, flags) => dashboards(config(), flags),
  },
  kubernetes: {
    about: 'objects for the Prometheus Operator: rules, scrape configuration, dashboards',
    make(config, flags) {
      const { config: file, runbookBase, job, hostJob, label } = flags;
      const settings = config();
      const jobs = { soak: job, host: hostJob };
      const text = kubernetesText(
        {
          groups: ruleGroups({ ...DEFAULT_RULES, settings, jobs, runbookBase }),
          dashboards: dashboards(settings, flags),
          job,
          labels: label ?? {},
          token: settings.serve.metrics === 'token',
          port: settings.serve.metricsListener === undefined ? 'http' : 'metrics',
        },
        `# Made by \`soakd export kubernetes\` from ${file}: change limits there, and export again.`,
      );
      return { 'soak-monitoring.yaml': text };
    },
  },
};

function dashboards(settings: Config, { hostJob }: ExportFlags): Record<string, string> {
  return dashboardFiles({ ...DEFAULT_DASHBOARDS, settings, hostJob });
}

export function exportCommand(): Command {
  const names = Object.keys(EXPORTS);
  const list = names.map((name) => `  ${name.padEnd(14)} ${EXPORTS[name]!.about}`).join('\n');
  return new Command('export')
    .argument('<what>', `what to export: ${names.join(', ')}`)
    .requiredOption('-o, --out <folder>', 'output folder, required; created if it does not exist')
    .option('-c, --config <file>', 'configuration file', 'soakd.yaml')
    .option('--force', 'replace files that were edited or that soakd did not export')
    .option(
      '--runbook-base <url>',
      'rules, kubernetes: URL of docs/alerts.md, for the links in alerts',
      DEFAULT_RULES.runbookBase,
    )
    .option('--job <name>', 'rules, kubernetes: job that scrapes soakd', jobName, DEFAULT_RULES.jobs.soak)
    .option(
      '--host-job <name>',
      'all but alertmanager: job that scrapes node_exporter on the hosts of the targets',
      jobName,
      DEFAULT_RULES.jobs.host,
    )
    .option('--webhook <url>', 'alertmanager: webhook for alerts', url, DEFAULT_URLS.webhook)
    .option('--watchdog <url>', 'alertmanager: webhook for the Watchdog alert', url, DEFAULT_URLS.watchdog)
    .option(
      '--label <name=value>',
      'kubernetes: label by which the Prometheus Operator selects rules and monitors; repeatable',
      label,
    )
    .addHelpText('after', `\nExports:\n${list}`)
    .action(run);
}

function run(what: string, flags: ExportFlags): void {
  const wanted = Object.hasOwn(EXPORTS, what) ? EXPORTS[what] : undefined;
  if (wanted === undefined) {
    const known = Object.keys(EXPORTS).join(', ');
    throw new SoakError('USAGE', `found "${what.slice(0, 80)}", expected one of ${known}`);
  }
  // The limits do not depend on secrets.
  const config = () => loadConfig(flags.config, { checkSecrets: false });
  const done = writeExport(flags.out, wanted.make(config, flags), flags.force === true);
  process.stdout.write(done.map((line) => `${line}\n`).join(''));
  exitWith(0);
}

function jobName(text: string): string {
  // The name becomes a quoted string in PromQL.
  if (!/^[\w./:-]{1,100}$/.test(text))
    throw new InvalidArgumentError(`found "${text}", expected the name of a job.`);
  return text;
}

function label(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, value] = /^([\w./-]{1,253})=([\w.-]{0,63})$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError(`found "${text}", expected name=value.`);
  return { ...before, [name]: value };
}

function url(text: string): string {
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new InvalidArgumentError(`found "${text}", expected a URL such as http://127.0.0.1:9098/alerts.`);
  return text;
}
