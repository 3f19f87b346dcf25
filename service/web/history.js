// Undo and redo as values: every function gives a new history and changes none.

/** How long steps of one kind on one box (a held arrow key) stay one step to undo. */
export const TOGETHER_MS = 800;

/** A history that begins with `now`. */
export const begin = (now) => ({ past: [], now, future: [], tag: null, at: 0 });

/** One step further. Steps with the same `tag` in quick succession are undone at once; `at`: milliseconds. */
export function record(history, now, { tag = null, at = 0 } = {}) {
  const joins = tag !== null && tag === history.tag && at - history.at < TOGETHER_MS;
  return { past: joins ? history.past : [...history.past, history.now], now, future: [], tag, at };
}

export const canUndo = (history) => history.past.length > 0;
export const canRedo = (history) => history.future.length > 0;

export function undo(history) {
  if (!canUndo(history)) return history;
  const { past, now, future } = history;
  return { past: past.slice(0, -1), now: past.at(-1), future: [now, ...future], tag: null, at: 0 };
}

export function redo(history) {
  if (!canRedo(history)) return history;
  const { past, now, future } = history;
  return { past: [...past, now], now: future[0], future: future.slice(1), tag: null, at: 0 };
}
