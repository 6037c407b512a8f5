import type { MemorySource } from '../../core/scenario.ts';
import { addIssue, Fault, scalar } from './combinators.ts';
import { readUrl } from './http.ts';
import { mapping } from './mapping.ts';
import { text } from './scalars.ts';

const WANTED = 'the URL of a Prometheus such as http://127.0.0.1:9090';
/** Maximum length of a PromQL query, characters. */
const MAX_LENGTH = 2000;

const prometheusUrl = scalar((value): string | Fault => {
  const url = readUrl(value);
  if (url instanceof Fault) return new Fault(WANTED, url.schemaIssue.advice, url.schemaIssue.found);
  if (url.search !== '')
    return new Fault(WANTED, 'write the query under query:', 'a URL with a query of its own');
  return url.href;
});

/** Prometheus query for the resident memory of a target. */
export const memory = mapping(
  {
    prometheus: prometheusUrl,
    query: text('PromQL that gives one series, in bytes'),
  },
  'write for example { prometheus: "http://127.0.0.1:9090", query: "process_resident_memory_bytes{job=\'app\'}" }',
).transform((given, ctx): MemorySource => {
  if (given.query.length > MAX_LENGTH)
    addIssue(ctx, {
      path: ['query'],
      found: `${given.query.length} characters`,
      expected: `at most ${MAX_LENGTH}`,
      advice: 'make it a recording rule',
    });
  return given;
});
