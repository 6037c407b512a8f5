import { parser } from '@prometheus-io/lezer-promql';

interface Matcher {
  readonly label: string;
  readonly op: string;
  readonly value: string;
}

export interface Selector {
  readonly name: string;
  readonly matchers: readonly Matcher[];
  /** The range in brackets, of a range vector. */
  readonly range?: string;
  /** The function that takes the range vector. */
  readonly takenBy?: string;
}

type Node = ReturnType<typeof parser.parse>['topNode'];

/** @returns what is selected in an expression; `undefined` where it is no PromQL */
export function selectorsIn(expr: string): Selector[] | undefined {
  const tree = parser.parse(expr);
  const found: Selector[] = [];
  let broken = expr.trim() === '';
  tree.iterate({
    enter(ref) {
      broken ||= ref.type.isError;
      if (ref.name === 'VectorSelector') found.push(selectorOf(ref.node, expr));
    },
  });
  return broken ? undefined : found;
}

function selectorOf(node: Node, expr: string): Selector {
  const text = (part: Node | null | undefined) => (part ? expr.slice(part.from, part.to) : '');
  const matchers = (node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map((m) => ({
    label: text(m.getChild('LabelName')),
    op: text(m.getChild('MatchOp')),
    value: JSON.parse(text(m.getChild('StringLiteral'))) as string,
  }));
  const name = text(node.getChild('Identifier'));
  const ranged = node.parent;
  if (ranged?.name !== 'MatrixSelector') return { name, matchers };
  const call = ranged.parent?.name === 'FunctionCallBody' ? ranged.parent.parent : ranged.parent;
  const takenBy = call?.name === 'FunctionCall' ? text(call.getChild('FunctionIdentifier')) : '';
  return { name, matchers, range: text(ranged.getChild('DurationExpr')), takenBy };
}

/** @returns labels that are named in `by (…)`, `on (…)` and `group_left (…)` */
export function groupedBy(expr: string): string[] {
  const found: string[] = [];
  parser.parse(expr).iterate({
    enter({ name, node }) {
      if (name !== 'GroupingLabels') return;
      found.push(...node.getChildren('LabelName').map(({ from, to }) => expr.slice(from, to)));
    },
  });
  return found;
}
