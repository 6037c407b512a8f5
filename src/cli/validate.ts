import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { exitWith } from './exit.ts';

export function validateCommand(): Command {
  return new Command('validate')
    .argument('[file]', 'configuration file', 'soakd.yaml')
    .option('--no-secrets', 'do not require secrets to be set')
    .action((file: string, flags: { readonly secrets: boolean }) => {
      const config = loadConfig(file, { checkSecrets: flags.secrets });
      const scenarios = Object.keys(config.scenarios);
      process.stdout.write(
        `${file} is valid: targets ${config.targets.map((t) => t.name).join(', ')}; scenarios ${scenarios.join(', ')}\n`,
      );
      exitWith(0);
    });
}
