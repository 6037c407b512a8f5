import { h, type ComponentChild as View } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, send } from './api.ts';
import type { ApiRequest, Effect } from './effects.ts';

/** Asks before it sends a change, and says what will happen. */
export function Confirm({
  effect,
  onClose,
  onDone,
}: {
  readonly effect: Effect;
  readonly onClose: () => void;
  readonly onDone: () => void;
}): View {
  const dialog = useRef<HTMLDialogElement>(null);
  const { busy, lines, act } = useSend(effect.request, onDone);
  useEffect(() => dialog.current!.showModal(), []);
  const issues = effect.issue === null ? lines : [effect.issue];
  return h(
    'dialog',
    { ref: dialog, 'aria-labelledby': 'question', onClose },
    h('h2', { id: 'question' }, effect.question),
    h(
      'ul',
      null,
      effect.effects.map((text) => h('li', { key: text }, text)),
    ),
    h(
      'div',
      { role: 'alert' },
      issues.map((line) => h('p', { class: 'bad', key: line }, line)),
    ),
    h(
      'div',
      { class: 'bar' },
      h(
        'button',
        {
          type: 'button',
          class: effect.severe ? 'severe' : 'main',
          disabled: busy || effect.issue !== null,
          onClick: act,
        },
        busy ? 'Sending …' : effect.question.replace(/\?$/, ''),
      ),
      h('button', { type: 'button', onClick: () => dialog.current!.close() }, 'Cancel'),
    ),
  );
}

/** Sends a request once at a time, and keeps what the server refused. */
function useSend(
  request: ApiRequest,
  onDone: () => void,
): { readonly busy: boolean; readonly lines: readonly string[]; readonly act: () => void } {
  const [busy, setBusy] = useState(false);
  const [lines, setLines] = useState<readonly string[]>([]);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await send(request);
      onDone();
    } catch (error) {
      setLines(error instanceof ApiError ? error.lines : [String(error)]);
      setBusy(false);
    }
  };
  return { busy, lines, act: () => void act() };
}
