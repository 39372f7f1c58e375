// Waiting. Whatever has ended a pause, nothing of it is left: a page on a wall pauses half a million times a day.

/** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted before. */
export const pause = (milliseconds, signal) => wait(milliseconds, signal, []);

/** A pause that ends as soon as the browser's lost connection is back, or somebody logs in or out. */
export const pauseUntilOnline = (milliseconds, signal) => wait(milliseconds, signal, ['online', 'caller']);

/** Resolves when somebody logs in or out (people/session.js); never once the signal is aborted. */
export const pauseForCaller = (signal) => new Promise((resolve) => {
  window.addEventListener('caller', resolve, { once: true, signal });
});

/** Any of these events of the window ends it too. */
function wait(milliseconds, signal, events) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const over = new AbortController();
    const end = (settle, reason) => {
      clearTimeout(timer);
      over.abort();
      settle(reason);
    };
    const timer = setTimeout(() => end(resolve), milliseconds);
    signal?.addEventListener('abort', () => end(reject, signal.reason), { signal: over.signal });
    for (const name of events) window.addEventListener(name, () => end(resolve), { signal: over.signal });
  });
}

/** Resolves when the tab is on show: at once, mostly. */
export function whenVisible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', resolve, { once: true });
  }).then(whenVisible);
}
