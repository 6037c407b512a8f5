import { messageOf, SoakError } from '../core/errors.ts';
import type { Check, CheckedRun } from './checks.ts';
import { element, type XmlElement, xmlDocument } from './xml.ts';

/** Facts about soakd in a report. */
export interface JUnitContext {
  readonly version: string;
  /** Name of the machine. */
  readonly host: string;
}

/** Maximum lines of an error: a configuration can have hundreds. */
const MAX_LINES = 100;

/**
 * Returns a run as JUnit XML that both Ant's and Jenkins's schemas accept: a suite for the run, then one for each target,
 * with a case for each check. A crossed limit is a `failure`; an undecided check is an `error`, since CI systems show
 * `skipped` as green.
 */
export function junitOfRun(run: CheckedRun, context: JUnitContext): string {
  const { scenario, startedAt, durationMs } = run;
  const properties = {
    'soakd.version': context.version,
    'soakd.run': run.id,
    'soakd.scenario': scenario,
    'soakd.started': startedAt,
    'soakd.ended': run.endedAt,
  };
  const ofRun = { 'soakd.verdict': run.verdict, 'soakd.end-reason': run.endReason };
  const suiteOf = (target: string | null, id: number): XmlElement =>
    suite({
      name: target ?? scenario,
      package: scenario,
      classname: target === null ? scenario : `${scenario}.${target}`,
      id,
      host: context.host,
      startedAt,
      properties: target === null ? { ...properties, ...ofRun } : properties,
      checks: run.checks.filter((c) => c.target === target),
      // Only one case has a time, so that the times of all cases add up to the time of the run.
      seconds: target === null ? durationMs / 1000 : 0,
      output: [
        ...(target === null ? run.facts : []),
        ...run.failures.filter((f) => f.target === target).map((f) => f.text),
        ...run.warnings.filter((w) => w.target === target).map((w) => `warning: ${w.text}`),
      ],
    });
  const names = new Set([null, ...run.targets.map((t) => t.name), ...run.checks.map((c) => c.target)]);
  return xmlDocument(element('testsuites', {}, [...names].map(suiteOf)));
}

/**
 * Returns a report of a run without a result: one case, in error.
 * @param scenario absent if unknown
 * @param error cause; absent: the run is not over. soakd writes such a report first, which remains if soakd is killed.
 */
export function junitWithoutRun(
  { scenario, at, error }: { readonly scenario: string; readonly at: number; readonly error?: unknown },
  context: JUnitContext,
): string {
  const [type, lines] =
    error === undefined
      ? ['killed', ['soakd was killed before the run was over']]
      : [error instanceof SoakError ? error.code : 'INTERNAL', linesOf(error)];
  const check: Check = {
    target: null,
    name: 'the run ends as planned',
    result: 'error',
    type,
    message: lines[0]!,
    facts:
      lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), '…'] : lines.slice(lines.length > 1 ? 0 : 1),
  };
  const only = suite({
    name: scenario,
    package: scenario,
    classname: scenario,
    id: 0,
    host: context.host,
    startedAt: new Date(at).toISOString(),
    properties: { 'soakd.version': context.version, 'soakd.scenario': scenario },
    checks: [check],
    seconds: 0,
    output: [],
  });
  return xmlDocument(element('testsuites', {}, [only]));
}

/** Returns the message first, then the other issues. */
function linesOf(error: unknown): string[] {
  const message = messageOf(error);
  const details = error instanceof SoakError ? error.details : [];
  return details.includes(message) ? [...details] : [message, ...details];
}

interface Suite {
  readonly name: string;
  readonly package: string;
  /** Of its cases. */
  readonly classname: string;
  /** From 0. */
  readonly id: number;
  readonly host: string;
  readonly startedAt: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
  /** Time of its first case, s. */
  readonly seconds: number;
  /** Lines of its output. */
  readonly output: readonly string[];
}

function suite({ name, classname, id, host, startedAt, checks, seconds, ...rest }: Suite): XmlElement {
  const count = (result: Check['result']): number => checks.filter((c) => c.result === result).length;
  const attributes = {
    name,
    package: rest.package,
    id,
    tests: checks.length,
    failures: count('fail'),
    errors: count('error'),
    time: seconds.toFixed(3),
    // UTC without a zone, as Ant's schema requires; the properties have the time with a zone.
    timestamp: startedAt.slice(0, 19),
    hostname: host === '' ? 'localhost' : host,
  };
  return element('testsuite', attributes, [
    element(
      'properties',
      {},
      Object.entries(rest.properties).map(([key, value]) => element('property', { name: key, value })),
    ),
    ...checks.map((check, i) => {
      const time = (i === 0 ? seconds : 0).toFixed(3);
      return element('testcase', { name: check.name, classname, time }, outcome(check));
    }),
    element('system-out', {}, rest.output.join('\n')),
    element('system-err'),
  ]);
}

function outcome({ result, type, message, facts }: Check): XmlElement[] {
  if (result === 'pass') return [];
  return [element(result === 'fail' ? 'failure' : 'error', { message, type }, facts.join('\n'))];
}
