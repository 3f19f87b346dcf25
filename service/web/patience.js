// Waiting politely: for work that is not done yet, and for a service that is busy, away or out of reach.

import { Problem } from "./api.js";

const LONGEST_S = 30;
const WORTH_WAITING = new Set([0, 429, 502, 503, 504]);

/** Seconds before a failed request is tried again: what the service asked for, or twice as long each time. */
export function pauseBefore(attempt, retryAfterS = null) {
  return retryAfterS ?? Math.min(LONGEST_S, 2 ** attempt);
}

/** Milliseconds between two looks at work that runs: often at first, for small files, then less and less. */
export const pollPause = (looks) => Math.min(5000, Math.round(400 * 1.35 ** looks));

/** Whether waiting may help: the request itself was in order. */
export const isPassing = (error) => error instanceof Problem && WORTH_WAITING.has(error.status);

/** Ends after `ms`, or at once with AbortError. */
export function pause(ms, signal = null) {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Asks until there is an answer. Only for requests that may be repeated. `onWait(problem, seconds)` before each pause,
 * `onWait(null, 0)` when it is over. Coming back online ends a pause early.
 */
export async function patiently(ask, { onWait = () => {}, signal = null, most = 10 } = {}) {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await ask();
      if (attempt) onWait(null, 0);
      return answer;
    } catch (error) {
      if (!isPassing(error) || attempt >= most) {
        if (attempt) onWait(null, 0);
        throw error;
      }
      const seconds = pauseBefore(attempt, error.retryAfterS);
      onWait(error, seconds);
      try {
        await pauseOrOnline(seconds * 1000, signal);
      } catch (stopped) {
        onWait(null, 0);
        throw stopped;
      }
    }
  }
}

async function pauseOrOnline(ms, signal) {
  const waiting = new AbortController();
  const online = () => waiting.abort();
  signal?.addEventListener("abort", online, { once: true });
  window.addEventListener("online", online, { once: true });
  try {
    await pause(ms, waiting.signal);
  } catch (error) {
    if (signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", online);
    window.removeEventListener("online", online);
  }
}
