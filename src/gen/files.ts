import { DEFAULT_DASHBOARDS, dashboardFiles } from './dashboards/files.ts';
import { DEFAULT_RULES, ruleFiles } from './rules.ts';

const made = (from: string): string => `# Made by \`npm run generate\` from ${from}`;

/** Returns the generated files of the repository: text by path. */
export function generatedFiles(): Record<string, string> {
  const rules = ruleFiles(
    DEFAULT_RULES,
    `${made('src/thresholds/table.ts')}; for limits of your own: \`soakd export rules\`.`,
  );
  const within = (folder: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  return {
    ...within('prometheus/rules', rules),
    ...within('dashboards', dashboardFiles(DEFAULT_DASHBOARDS)),
  };
}
