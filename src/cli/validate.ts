import { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { exitWith } from './exit.ts';

export function validateCommand(): Command {
  return new Command('validate')
    .description('check a configuration and say everything that is wrong with it')
    .argument('[file]', 'configuration', 'soakd.yaml')
    .option('--no-secrets', 'secrets need not be set here')
    .action((file: string, flags: { readonly secrets: boolean }) => {
      const config = loadConfig(file, { checkSecrets: flags.secrets });
      const scenarios = Object.keys(config.scenarios);
      process.stdout.write(
        `${file} is valid: targets ${config.targets.map((t) => t.name).join(', ')}; scenarios ${scenarios.join(', ')}\n`,
      );
      exitWith(0);
    });
}
