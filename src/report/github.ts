import { type Check, type CheckedRun, isBad } from './checks.ts';

/** Number of annotations of each kind that GitHub shows for a step; GitHub silently drops the rest. */
const MAX_ANNOTATIONS = 10;
/** Longest text of an annotation, in characters. */
const MAX_TEXT = 2000;

type Kind = 'error' | 'warning';
interface Annotation {
  readonly title: string;
  readonly text: string;
}

/** Types of checks that leave a run undecided and become warnings. An aborted run and a crossed limit are errors. */
const UNDECIDED: readonly string[] = ['inconclusive', 'no-data', 'load-delivered'];

/** Returns workflow commands, one per line, at most ten errors and ten warnings; the last one counts the rest. */
export function annotationsOfRun({ checks, warnings }: CheckedRun): string {
  const bad = checks.filter(isBad);
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
  const last = { title: 'soakd', text: `and ${more} more ${kind}s: see the output of the step` };
  return (more > 0 ? [...shown, last] : shown).map(
    ({ title, text }) => `::${kind} title=${property(cut(title))}::${data(cut(text))}\n`,
  );
}

/** Escapes characters that would end a workflow command. */
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
 * Returns text in which GitHub finds no workflow command: GitHub looks for `::` at the start of each line and for `##[`
 * anywhere. Otherwise a target could set outputs of the step through the details of a failed stream.
 */
export function inert(text: string): string {
  return text.replace(/^((?:[^\S\r\n]|\u0085)*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
}

/** Returns the same JSON value in a text in which GitHub finds no workflow command. */
export function inertJson(json: string): string {
  return json.replaceAll('##[', '##\\u005b');
}
