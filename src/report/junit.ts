import { iso } from '../core/clock.ts';
import { messageOf, SoakError } from '../core/errors.ts';
import { type Check, type CheckedRun, isBad } from './checks.ts';
import { element, type XmlElement, xmlDocument } from './xml.ts';

/** Facts about soakd in a report. */
export interface JUnitContext {
  readonly version: string;
  /** Name of the machine. */
  readonly host: string;
}

/** Maximum of limits to list in the case of the run. */
const MAX_LIMITS = 20;
/** Maximum lines of an error: a configuration can have hundreds. */
const MAX_LINES = 100;

/**
 * Returns a run as JUnit XML in the form of Jenkins: a suite for the run, then one for each target, with a case for each
 * check. The suite of the run has a case for the limits of all targets, so that it fails where its verdict is a fail. A crossed limit is a `failure`; an undecided check is an `error`, since CI systems show `skipped` as green. A default
 * limit that was left out for want of data is `skipped`. A passed case has its observed value as output.
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
      properties: { ...properties, ...(target === null ? ofRun : ofTarget(run, target)) },
      checks: [
        ...run.checks.filter((c) => c.target === target),
        ...(target === null ? ofAllTargets(run) : []),
      ],
      // Only one case has a time, so that the times of all cases add up to the time of the run.
      seconds: target === null ? durationMs / 1000 : 0,
      output: [
        ...(target === null ? run.facts : standingLines(run, target)),
        ...run.failures.filter((f) => f.target === target).map((f) => f.text),
        ...run.warnings.filter((w) => w.target === target).map((w) => `warning: ${w.text}`),
      ],
    });
  const names = new Set([null, ...run.targets.map((t) => t.name), ...run.checks.map((c) => c.target)]);
  return xmlDocument(element('testsuites', {}, [...names].map(suiteOf)));
}

/** Returns whether all limits hold on all targets; nothing where none was evaluated. */
function ofAllTargets({ checks, verdict, why }: CheckedRun): Check[] {
  const limits = checks.filter((c) => c.target !== null && c.result !== 'skipped');
  if (limits.length === 0) return [];
  const bad = limits.filter(isBad);
  const name = 'all limits hold on every target';
  // A run that a crossed limit ended fails, also where the limit holds over the run as a whole.
  const isFail = verdict === 'fail' || bad.some((c) => c.result === 'fail');
  if (bad.length === 0 && !isFail)
    return [{ target: null, name, result: 'pass', type: '', message: '', facts: [] }];
  const worst = bad.find((c) => c.result === 'fail') ?? bad[0];
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more)` : '';
  const left = bad.length - MAX_LIMITS;
  return [
    {
      target: null,
      name,
      result: isFail ? 'fail' : 'error',
      type: worst?.type ?? 'crossed',
      // That of a run that was broken off says why it was.
      message: verdict === 'aborted' && worst !== undefined ? worst.message + more : why,
      facts: [
        ...bad.slice(0, MAX_LIMITS).map((c) => `${c.target}: ${c.name}`),
        ...(left > 0 ? [`and ${left} more`] : []),
      ],
    },
  ];
}

/** Returns the verdict of a target, and up to what load its limits held. */
function ofTarget({ targets }: CheckedRun, target: string): Readonly<Record<string, string>> {
  const row = targets.find(({ name }) => name === target);
  if (row === undefined) return {};
  const { verdict, verdictReason, heldUpTo, notHeldFrom } = row;
  return {
    'soakd.verdict': verdict,
    'soakd.verdict-reason': verdictReason,
    ...(heldUpTo === null ? {} : { 'soakd.held-up-to': heldUpTo }),
    ...(notHeldFrom === null
      ? {}
      : { 'soakd.not-held-from': notHeldFrom.load, 'soakd.not-held-from-started': notHeldFrom.startedAt }),
  };
}

function standingLines({ targets }: CheckedRun, target: string): string[] {
  const row = targets.find(({ name }) => name === target);
  if (row === undefined) return [];
  const { verdict, verdictReason, heldUpTo, notHeldFrom } = row;
  return [
    `${verdict}: ${verdictReason}`,
    ...(heldUpTo === null ? [] : [`all limits held up to ${heldUpTo}`]),
    ...(notHeldFrom === null
      ? []
      : [`a limit did not hold from ${notHeldFrom.load} on, a level that began at ${notHeldFrom.startedAt}`]),
  ];
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
    startedAt: iso(at),
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
    skipped: count('skipped'),
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
  const text = facts.join('\n');
  if (result === 'pass') return facts.length === 0 ? [] : [element('system-out', {}, text)];
  if (result === 'skipped') return [element('skipped', { message })];
  return [element(result === 'fail' ? 'failure' : 'error', { message, type }, text)];
}
