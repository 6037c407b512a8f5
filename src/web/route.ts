/** A view of the page, as in the fragment of its URL. */
export type Route =
  | { readonly view: 'now' }
  | { readonly view: 'control' }
  | { readonly view: 'runs' }
  | { readonly view: 'run'; readonly id: string }
  | { readonly view: 'report'; readonly id: string }
  | { readonly view: 'compare'; readonly a: string; readonly b: string }
  | { readonly view: 'configuration' };

/** Main views, in the order of the navigation. */
export const VIEWS = [
  ['now', 'Now'],
  ['control', 'Control'],
  ['runs', 'Runs'],
  ['configuration', 'Configuration'],
] as const;

const ID = /^[A-Za-z0-9_.-]{1,100}$/;

/** Reads the fragment of a URL; anything unknown is the view of now. */
export function routeOf(hash: string): Route {
  const [view = '', first = '', second = ''] = hash.replace(/^#\/?/, '').split('/');
  if (view === 'control' || view === 'configuration') return { view };
  if (view === 'runs' && ID.test(first)) return { view: second === 'report' ? second : 'run', id: first };
  if (view === 'runs') return { view };
  if (view === 'compare' && ID.test(first) && ID.test(second)) return { view, a: first, b: second };
  return { view: 'now' };
}

/** Returns the main view that a view belongs to. */
export function tabOf({ view }: Route): (typeof VIEWS)[number][0] {
  return view === 'run' || view === 'report' || view === 'compare' ? 'runs' : view;
}
