import { wrap } from '../core/wrap.ts';
import { type Check, count, type DoctorReport, type State } from './check.ts';

const MARKS: Readonly<Record<State, string>> = { ok: '✓', warn: '!', fail: '✗', unknown: '?' };
/** Column at which texts begin. */
const INDENT = 18;
const WIDTH = 110;

/** Formats the report for a terminal, in lines of at most 110 columns. */
export function doctorText({ users, checks }: DoctorReport): string {
  const number = (state: State) => checks.filter((c) => c.state === state).length;
  const [fail, warn, unknown] = [number('fail'), number('warn'), number('unknown')];
  const counts = [
    ...(fail > 0 ? [plural(fail, 'failure')] : []),
    ...(warn > 0 ? [plural(warn, 'warning')] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  const verdict = fail > 0 ? 'FAIL' : 'OK';
  return [
    '',
    `  ${plural(users, 'user')}: ${verdict}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`,
    '',
    ...checks.flatMap(lines),
    '',
  ].join('\n');
}

function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function lines({ name, state, found, wanted, advice }: Check): string[] {
  const head = `  ${MARKS[state]} ${name} `.padEnd(INDENT);
  const lines = wrap(found, WIDTH - INDENT);
  // The name of a target may be longer than its column.
  const first =
    head.length > INDENT
      ? [head.trimEnd(), ...lines.map(indent)]
      : [head + lines[0], ...lines.slice(1).map(indent)];
  const asked = wanted === undefined ? [] : wrap(`wanted: ${wanted}`, WIDTH - INDENT).map(indent);
  // Advice is not wrapped: commands must stay on one line.
  return [...first, ...asked, ...advice.map((line) => indent(`→ ${line}`))];
}

function indent(line: string): string {
  return ' '.repeat(INDENT) + line;
}
