import { quote } from '../describe.ts';
import { dictionary, Fault } from './combinators.ts';
import { text } from './scalars.ts';

/** Labels that soakd or Prometheus adds to the same series. */
export const RESERVED_LABELS: readonly string[] = [
  'target',
  'phase',
  'result',
  'outcome',
  'code',
  'le',
  'scenario',
  'run',
  'version',
  'level',
  'verdict',
  'threshold',
  'signal',
  'schedule',
  'instance',
  'job',
];

function faultOfLabel(label: string): Fault | undefined {
  const found = `the label ${quote(label)}`;
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label)) {
    return new Fault(
      'a name of letters, digits and "_" that does not begin with a digit',
      'rename it',
      found,
    );
  }
  if (label.startsWith('__'))
    return new Fault('a name that does not begin with "__" (kept for Prometheus)', 'rename it', found);
  if (RESERVED_LABELS.includes(label))
    return new Fault("a name that soakd's own metrics do not use", 'rename it', found);
  return undefined;
}

export const labels = dictionary(
  faultOfLabel,
  text('a string, as the value of a label'),
  'a mapping of label names to values',
  'write for example { region: eu }',
).default({});
