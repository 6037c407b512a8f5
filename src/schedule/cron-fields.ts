/** What is wrong with a pattern, for a person. */
export interface PatternFault {
  /** Absent: the text as a whole. */
  readonly wrong?: string;
  readonly expected: string;
  readonly advice: string;
}

interface Field {
  readonly noun: string;
  readonly min: number;
  readonly max: number;
  readonly expected: string;
  readonly names?: readonly string[];
  /** Values besides numbers, ranges and steps, in lower case with names replaced by numbers. */
  readonly special?: RegExp;
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTHS_LONG = 'january february march april may june july august september october november december';
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');
const DAYS_LONG = 'sunday monday tuesday wednesday thursday friday saturday';

const FIELDS: readonly Field[] = [
  { noun: 'second', min: 0, max: 59, expected: 'seconds from 0 to 59' },
  { noun: 'minute', min: 0, max: 59, expected: 'minutes from 0 to 59' },
  { noun: 'hour', min: 0, max: 23, expected: 'hours from 0 to 23' },
  {
    noun: 'day of the month',
    min: 1,
    max: 31,
    expected: 'days of the month from 1 to 31',
    special: /^(\?|l|lw|l-([1-9]|[12]\d|30)|([1-9]|[12]\d|3[01])w)$/,
  },
  {
    noun: 'month',
    min: 1,
    max: 12,
    expected: 'months from 1 to 12 or jan to dec',
    names: [...MONTHS_LONG.split(' '), ...MONTHS],
  },
  {
    noun: 'day of the week',
    min: 0,
    max: 7,
    expected: 'days of the week from 0 to 7 (0 and 7 are Sunday) or sun to sat',
    names: [...DAYS_LONG.split(' '), ...DAYS],
    special: /^(\?|[0-7]#[1-5]|[0-7]l)$/,
  },
];

const SHAPE =
  'five fields (minute, hour, day of the month, month, day of the week), or six with seconds first';

/**
 * Which part of a pattern is wrong, and how: the parser only names the field, and takes some slips for
 * patterns (`5*` as 50 to 59, a step that is longer than the field).
 *
 * @returns `undefined` when every field is right in itself
 */
export function faultOfFields(pattern: string): PatternFault | undefined {
  const fields = pattern.trim().split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    const many = fields[0] === '' ? 'no fields' : fields.length === 1 ? '1 field' : `${fields.length} fields`;
    return { wrong: many, expected: SHAPE, advice: 'write for example "0 2 * * *", every night at 2' };
  }
  const kinds = fields.length === 5 ? FIELDS.slice(1) : FIELDS;
  const faults = fields.flatMap((text, i) => {
    const schemaIssue = text
      .split(',')
      .map((token) => faultOfToken(token, kinds[i]!))
      .find((fault) => fault !== undefined);
    return schemaIssue === undefined ? [] : [{ schemaIssue, field: kinds[i]! }];
  });
  if (faults.length === 0) return undefined;
  return {
    wrong: faults.map((f) => f.schemaIssue).join(' and '),
    expected: faults.map((f) => f.field.expected).join(' and '),
    advice: `fix the ${faults.map((f) => f.field.noun).join(' and the ')}`,
  };
}

function faultOfToken(written: string, field: Field): string | undefined {
  const { noun, min, max, special } = field;
  if (written === '') return `a comma without ${article(noun)} beside it`;
  const token = withoutNames(written.toLowerCase(), field);
  if (special?.test(token)) return undefined;
  const match = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(token);
  if (match === null) return `${shown(written)} is not a valid ${noun}`;
  const [, star, from, to, step] = match;
  const outside = [from, to].find((n) => n !== undefined && (Number(n) < min || Number(n) > max));
  if (outside !== undefined) return `${shown(outside)} is not a valid ${noun}`;
  if (step === undefined) return undefined;
  if (star === undefined && to === undefined)
    return `${shown(written)} has a step without a range, such as ${Number(from)}-${max}/${shown(step)}`;
  // A longer step would match once in the field, which is not the intent of `*/90`.
  if (Number(step) < 1 || Number(step) > max - min)
    return `${shown(written)} has a step that is not from 1 to ${max - min}`;
  return undefined;
}

/** Names become numbers as the parser has it: months from 1, days of the week from 0. */
function withoutNames(token: string, { names = [], min }: Field): string {
  const each = names.length / 2;
  return token.replace(/[a-z]{3,}/g, (word) => {
    // `fril`: the last Friday.
    const name = names.includes(word) ? word : word.replace(/l$/, '');
    const at = names.indexOf(name);
    return at === -1 ? word : `${(at % each) + min}${word.slice(name.length)}`;
  });
}

const article = (noun: string): string => `${/^[aeh]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** A part of the pattern, shortened, without control characters that a terminal would act on. */
const shown = (text: string): string =>
  /^[\x21-\x7e]+$/.test(text)
    ? text.length > 20
      ? `${text.slice(0, 20)}…`
      : text
    : 'a part with a strange character';
