import { type Check, count, type DoctorReport, type State } from './check.ts';

const MARKS: Readonly<Record<State, string>> = { ok: '✓', warn: '!', fail: '✗', unknown: '?' };
/** Where texts begin; that of one line. */
const INDENT = 18;
const WIDTH = 110;

/** The report for a person, in lines of at most 110 columns. */
export function doctorText({ users, checks }: DoctorReport): string {
  const number = (state: State) => checks.filter((c) => c.state === state).length;
  const [fail, warn, unknown] = [number('fail'), number('warn'), number('unknown')];
  const rest = [...(warn > 0 ? [`${warn} to mind`] : []), ...(unknown > 0 ? [`${unknown} not known`] : [])];
  const verdict = fail > 0 ? `${fail} would break it` : 'nothing would break it';
  return [
    '',
    `  ${count(users)} ${users === 1 ? 'user' : 'users'}: ${[verdict, ...rest].join(', ')}`,
    '',
    ...checks.flatMap(lines),
    '',
  ].join('\n');
}

function lines({ name, state, found, wanted, advice }: Check): string[] {
  const head = `  ${MARKS[state]} ${name} `.padEnd(INDENT);
  const lines = wrap(found);
  // A name of a target may be longer than its column.
  const first =
    head.length > INDENT
      ? [head.trimEnd(), ...lines.map(indent)]
      : [head + lines[0], ...lines.slice(1).map(indent)];
  const asked = wanted === undefined ? [] : wrap(`wanted: ${wanted}`).map(indent);
  // Not wrapped: what is typed must stay one line.
  return [...first, ...asked, ...advice.map((line) => indent(`→ ${line}`))];
}

function indent(line: string): string {
  return ' '.repeat(INDENT) + line;
}

function wrap(text: string): string[] {
  const all: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH - INDENT) {
      all.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...all, line];
}
