import type { Document } from '../document.ts';
import { jsonReport } from './json.ts';
import { markdownReport } from './markdown.ts';

/** Formats of a report, by name. The page alone needs a library for plots, which takes a quarter of a second to load. */
export const REPORT_FORMATS = {
  html: async (document) => (await import('./html.ts')).htmlReport(document),
  md: async (document) => markdownReport(document),
  json: async (document) => jsonReport(document),
} as const satisfies Readonly<Record<string, (document: Document) => Promise<string>>>;
export type ReportFormat = keyof typeof REPORT_FORMATS;
