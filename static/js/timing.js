// Waiting.

/** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted before. */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

/** A pause that ends as soon as the browser's lost connection is back. */
export function pauseUntilOnline(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    window.addEventListener('online', resolve, { once: true, signal });
    pause(milliseconds, signal).then(resolve, reject);
  });
}

/** Resolves when the tab is on show: at once, mostly. */
export function whenVisible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', resolve, { once: true });
  }).then(whenVisible);
}
