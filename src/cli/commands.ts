import type { Command } from 'commander';

/** `Listed` is a command as `soakd --help` lists it, and the module that carries it out. */
export interface Listed {
  /** Name, options and arguments: the left column of the list. */
  readonly term: string;
  readonly description: string;
  /** Imports the module of the command: `--help` and `--version` need none of them. */
  readonly load: () => Promise<Command>;
}

/** Commands in the order of `soakd --help`. */
export const COMMANDS: readonly Listed[] = [
  {
    term: 'serve [options]',
    description:
      'run as a service with page, metrics and API; starts the scenario that serve.start names, and others on their schedules',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  {
    term: 'run [options] [scenario]',
    description:
      'run one scenario, then print a summary and set the exit code. The scenario comes from the configuration or from ' +
      'flags. --users, --rate, --for, --ramp, --warm-up, --seed and --max-streams override a scenario of the ' +
      'configuration for this run, within the limits of the configuration. Flags that describe a target or its ' +
      'verdict need --target or a URL',
    load: async () => (await import('./run.ts')).runCommand(),
  },
  {
    term: 'init [options] [url]',
    description: 'write a first soakd.yaml from a probe of your endpoint',
    load: async () => (await import('./init.ts')).initCommand(),
  },
  {
    term: 'probe [options] <url>',
    description:
      'open one stream and explain it: timing, detected format, outcome, and a target to paste into a configuration',
    load: async () => (await import('./probe.ts')).probeCommand(),
  },
  {
    term: 'simulate [options]',
    description: 'run the simulator alone: a server that streams synthetic responses and injects faults',
    load: async () => (await import('./simulate.ts')).simulateCommand(),
  },
  {
    term: 'relay [options]',
    description: 'run a TCP relay on loopback that simulates a network: latency, jitter, bandwidth, drops',
    load: async () => (await import('./relay.ts')).relayCommand(),
  },
  {
    term: 'validate [options] [file]',
    description: 'check a configuration and list all issues',
    load: async () => (await import('./validate.ts')).validateCommand(),
  },
  {
    term: 'export [options] <what>',
    description: 'write rules, dashboards and other files for monitoring, with the limits of a configuration',
    load: async () => (await import('./export.ts')).exportCommand(),
  },
  {
    term: 'doctor [options]',
    description: 'check whether this machine can handle a number of users, and show how to fix each problem',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  {
    term: 'calibrate [options] [scenario]',
    description:
      'measure how many streams of a scenario this machine can hold with reliable timings; takes one to three minutes',
    load: async () => (await import('./calibrate.ts')).calibrateCommand(),
  },
  {
    term: 'capacity [options] [scenario]',
    description:
      'find the largest load at which the thresholds of a scenario hold: doubling, bisection, a confirming hold',
    load: async () => (await import('./capacity.ts')).capacityCommand(),
  },
  {
    term: 'runs',
    description: 'list, show, delete, pin, unpin, export and back up the runs that soakd keeps',
    load: async () => (await import('./runs.ts')).runsCommand(),
  },
  {
    term: 'report [options] <runs...>',
    description: 'write a report of one or more runs to share: a page, Markdown or JSON',
    load: async () => (await import('./report.ts')).reportCommand(),
  },
  {
    term: 'compare [options] <a> <b>',
    description: 'compare two runs: regressions, improvements and differences of configuration',
    load: async () => (await import('./compare.ts')).compareCommand(),
  },
  {
    term: 'schema <what>',
    description: 'print the JSON Schema of the configuration or of an output',
    load: async () => (await import('./schema.ts')).schemaCommand(),
  },
];

/** Returns the name of a listed command. */
export function nameOf({ term }: Listed): string {
  return term.split(' ', 1)[0]!;
}
