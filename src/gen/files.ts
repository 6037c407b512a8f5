import { alertmanagerExampleText, alertmanagerText, DEFAULT_ALERTMANAGER } from './alertmanager.ts';
import { DEFAULT_RULES, ruleFiles } from './rules.ts';

const made = (from: string): string => `# Made by \`npm run generate\` from ${from}`;

/** @returns files of the repository that are made from the code: text by path */
export function generatedFiles(): Record<string, string> {
  const rules = ruleFiles(
    DEFAULT_RULES,
    `${made('src/catalog/thresholds.ts')}; for limits of your own: \`soakd export rules\`.`,
  );
  const alertmanager = made('src/gen/alertmanager.ts.');
  return {
    ...Object.fromEntries(Object.entries(rules).map(([name, text]) => [`prometheus/rules/${name}`, text])),
    'prometheus/alertmanager.yml': `${alertmanager}\n${alertmanagerText(DEFAULT_ALERTMANAGER)}`,
    'prometheus/alertmanager.examples.yml': `${alertmanager}\n${alertmanagerExampleText(DEFAULT_ALERTMANAGER)}`,
  };
}
