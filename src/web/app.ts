import { h, type ComponentChild as View } from 'preact';
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { Compare } from './compare.ts';
import { Configuration } from './configuration.ts';
import { Control } from './control.ts';
import { Feed } from './feed.ts';
import type { Health } from './health.ts';
import { Now, useHealth } from './now.ts';
import { ReportView } from './report-view.ts';
import { type Route, routeOf, tabOf, VIEWS } from './route.ts';
import { RunView } from './run-view.ts';
import { Runs } from './runs.ts';
import { type Message, mayOperate, reduce, START, type State } from './state.ts';
import { clockText } from './times.ts';

/** The whole page. */
export function App(): View {
  const [state, dispatch] = useReducer<State, Message>(reduce, START);
  const latest = useRef(state);
  latest.current = state;
  const feed = useMemo(() => {
    // A message is reduced here, too, so that the feed reads what it has just reported.
    const report = (message: Message): void => {
      latest.current = reduce(latest.current, message);
      dispatch(message);
    };
    return new Feed(report, () => latest.current);
  }, []);
  useEffect(() => feed.start(), [feed]);
  const route = useRoute();
  const health = useHealth(state);
  useTitle(health);
  const changed = (): void => void feed.refresh();
  return h(
    'div',
    null,
    h('a', { class: 'skip', href: '#main', onClick: focusMain }, 'Skip to content'),
    h(Header, { state, route, health }),
    h(
      'main',
      { id: 'main', tabIndex: -1 },
      state.loggedOut ? h(LoggedOut, null) : view(route, state, health, changed),
    ),
  );
}

function view(route: Route, state: State, health: Health | null, changed: () => void): View {
  if (state.status === null || health === null) return h('p', { class: 'muted' }, 'Waiting for soakd …');
  const operate = mayOperate(state);
  switch (route.view) {
    case 'now':
      return h(Now, { state, health });
    case 'control':
      return h(Control, { state, operate, changed });
    case 'runs':
      return h(Runs, { status: state.status });
    case 'run':
      return h(RunView, { id: route.id, operate, key: route.id });
    case 'report':
      return h(ReportView, { id: route.id, key: route.id });
    case 'compare':
      return h(Compare, { a: route.a, b: route.b, key: `${route.a} ${route.b}` });
    case 'configuration':
      return h(Configuration, { status: state.status, operate });
  }
}

function LoggedOut(): View {
  return h(
    'section',
    { class: 'banner idle' },
    h('div', null, h('h1', null, 'You are logged out'), h('p', null, h('a', { href: '/login' }, 'Log in'))),
  );
}

function Header({
  state,
  route,
  health,
}: {
  readonly state: State;
  readonly route: Route;
  readonly health: Health | null;
}): View {
  const tab = tabOf(route);
  return h(
    'header',
    { class: 'top' },
    h(
      'a',
      { class: `brand ${health?.level ?? 'idle'}`, href: '#/now' },
      h('i', { 'aria-hidden': 'true' }),
      'soakd',
    ),
    h(
      'nav',
      { 'aria-label': 'Views' },
      VIEWS.map(([name, text]) =>
        h('a', { key: name, href: `#/${name}`, 'aria-current': name === tab ? 'page' : undefined }, text),
      ),
    ),
    h(Following, { state }),
    state.session?.loginNeeded === true &&
      h('form', { method: 'post', action: '/logout' }, h('button', { type: 'submit' }, 'Log out')),
  );
}

/** Whether what is shown is current. */
function Following({ state: { connection, heardMs } }: { readonly state: State }): View {
  const at = heardMs === 0 ? '' : ` ${clockText(heardMs)}`;
  const text = {
    connecting: 'connecting',
    live: 'live',
    polling: 'live',
    lost: 'connection lost, last answer',
  };
  return h(
    'span',
    { class: `following ${connection}` },
    h('span', { role: 'status' }, text[connection]),
    // Not in the status above: a screen reader would read it out each second.
    h('span', null, at),
  );
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const changed = (): void => {
      if (location.hash === '#main') return;
      setRoute(routeOf(location.hash));
      scrollTo(0, 0);
    };
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}

/** A fragment names a view, so the link moves the focus by itself. */
function focusMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

const TITLES: Readonly<Record<Health['level'], string>> = {
  ok: '✓',
  warn: '!',
  bad: '✕',
  paused: '‖',
  idle: '○',
};
const ICONS: Readonly<Record<Health['level'], string>> = {
  ok: '%231a7f37',
  warn: '%23b87a00',
  bad: '%23c01c28',
  paused: '%230550ae',
  idle: '%2357606a',
};

/** Shows the state in the title and the icon of the tab, for readers who have another one open. */
function useTitle(health: Health | null): void {
  const level = health?.level ?? 'idle';
  const word = health?.word ?? '';
  useEffect(() => {
    document.title = health === null ? 'soakd' : `${TITLES[level]} ${word} · soakd`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    const shape = level === 'bad' ? '<path d="M8 0 16 16H0z"/>' : '<circle cx="8" cy="8" r="7"/>';
    if (icon !== null)
      icon.href = `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="${ICONS[level]}">${shape}</svg>`;
  }, [level, word]);
}
