import type { Check, CheckedRun } from './checks.ts';

/** GitHub shows so many annotations of each kind in a step, and drops the others without a word. */
const MAX_ANNOTATIONS = 10;
/** Longest text of an annotation, in characters. */
const MAX_TEXT = 2000;

type Kind = 'error' | 'warning';
interface Annotation {
  readonly title: string;
  readonly text: string;
}

/** Types of checks that leave a run undecided: warnings. A run that was broken off is an error, as a crossed limit is. */
const UNDECIDED: readonly string[] = ['inconclusive', 'no-data', 'load-delivered'];

/** Returns workflow commands, one a line, at most ten errors and ten warnings. The last of more says how many there are. */
export function annotationsOfRun({ checks, warnings }: CheckedRun): string {
  const bad = checks.filter((c) => c.result !== 'pass');
  const isWarning = ({ type }: Check): boolean => UNDECIDED.includes(type);
  const ofCheck = ({ target, name, message }: Check): Annotation => ({
    title: titleOf(target),
    text: `${name}: ${message}`,
  });
  return [
    ...commands('error', bad.filter((c) => !isWarning(c)).map(ofCheck)),
    ...commands('warning', [
      ...bad.filter(isWarning).map(ofCheck),
      ...warnings.map(({ target, text }) => ({ title: titleOf(target), text })),
    ]),
  ].join('');
}

/** Returns the command for a run that could not start. */
export function annotationOfError(message: string): string {
  return commands('error', [{ title: 'soakd', text: message }]).join('');
}

const titleOf = (target: string | null): string => (target === null ? 'soakd' : `soakd: ${target}`);

function commands(kind: Kind, all: readonly Annotation[]): string[] {
  const shown = all.length > MAX_ANNOTATIONS ? all.slice(0, MAX_ANNOTATIONS - 1) : all;
  const more = all.length - shown.length;
  const last = { title: 'soakd', text: `and ${more} more ${kind}s: the output of the step has them` };
  return (more > 0 ? [...shown, last] : shown).map(
    ({ title, text }) => `::${kind} title=${property(cut(title))}::${data(cut(text))}\n`,
  );
}

/** Escapes what a workflow command would end at. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function cut(text: string): string {
  return (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text).toWellFormed();
}

/**
 * Returns text in which GitHub finds no workflow command: it looks for `::` at the start of each line and for `##[`
 * anywhere. A target could otherwise set outputs of the step through what it says of a failed stream.
 */
export function inert(text: string): string {
  return text.replace(/^((?:[^\S\r\n]|\u0085)*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
}

/** Returns the same JSON value in a text in which GitHub finds no workflow command. */
export function inertJson(json: string): string {
  return json.replaceAll('##[', '##\\u005b');
}
