import { h, type ComponentChild as View } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from './api.ts';

/** Something that is being read. */
export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'loaded'; readonly value: T }
  | { readonly state: 'failed'; readonly lines: readonly string[] };

/** Reads something when the key changes; an answer that comes after the next key is dropped. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  useEffect(() => {
    let current = true;
    setLoaded({ state: 'loading' });
    load().then(
      (value) => current && setLoaded({ state: 'loaded', value }),
      (error: unknown) =>
        current &&
        setLoaded({ state: 'failed', lines: error instanceof ApiError ? error.lines : [String(error)] }),
    );
    return () => {
      current = false;
    };
  }, [key]);
  return loaded;
}

/** Shown instead of something that is not there. */
export function NotLoaded({ of }: { readonly of: Exclude<Loaded<unknown>, { state: 'loaded' }> }): View {
  if (of.state === 'loading') return h('p', { class: 'muted' }, 'Loading …');
  return h(
    'div',
    { role: 'alert' },
    of.lines.map((line) => h('p', { class: 'bad', key: line }, line)),
  );
}
