import { type DefaultTreeAdapterTypes, parse } from 'parse5';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** All elements of a page in their order, as a browser reads it. */
export function elementsOf(page: string): Element[] {
  return elements(parse(page).childNodes);
}

function elements(nodes: readonly Node[]): Element[] {
  return nodes.flatMap((node) => ('tagName' in node ? [node, ...elements(node.childNodes)] : []));
}

export function attributesOf(page: string): [name: string, value: string][] {
  return elementsOf(page).flatMap(({ attrs }) =>
    attrs.map(({ name, value }): [string, string] => [name, value]),
  );
}

/** Text of an element, or of the body of a page. */
export function textOf(from: string | Element): string {
  const root = typeof from === 'string' ? elementsOf(from).find((e) => e.tagName === 'body')! : from;
  return root.childNodes
    .map((node) => {
      if ('tagName' in node) return textOf(node);
      return node.nodeName === '#text' ? (node as DefaultTreeAdapterTypes.TextNode).value : '';
    })
    .join('');
}

/** Levels of the headings of a page, in their order. */
export function headingsOf(page: string): number[] {
  return elementsOf(page)
    .filter(({ tagName }) => /^h[1-6]$/.test(tagName))
    .map(({ tagName }) => Number(tagName[1]));
}

/** Errors of the HTML standard that its parser finds in a page. */
export function parseErrors(page: string): string[] {
  const errors: string[] = [];
  parse(page, { onParseError: ({ code, startLine }) => errors.push(`line ${startLine}: ${code}`) });
  return errors;
}
