// The service's HTTP interface. Every answer that is no success becomes a Problem.

/**
 * Why a request failed. `status` 0: the service was not reached. `code` is stable; `message` and `advice` are the service's
 * own words in the language asked for, or null. `body`: the whole answer.
 */
export class Problem extends Error {
  constructor({ status, code, message = null, advice = null, retryAfterS = null, body = {} }) {
    super(message ?? code);
    Object.assign(this, { name: "Problem", status, code, told: message, advice, retryAfterS, body });
  }
}

const OFFLINE = { status: 0, code: "offline" };

export class Api {
  /** `credential()` gives the headers to show who asks; `lang()` the language for people's words. */
  constructor({ credential, lang, base = "v1" }) {
    Object.assign(this, { credential, lang, base });
  }

  session(signal) {
    return this.#json("GET", "session", { signal });
  }
  document(id, signal) {
    return this.#json("GET", this.#path(id), { signal });
  }
  remove(id) {
    return this.#json("DELETE", this.#path(id));
  }

  /** The masked file: {blob, name}, `name` null where the service gives none. */
  async file(id, signal) {
    const answer = await this.#send("GET", `${this.#path(id)}/file`, { signal });
    return { blob: await answer.blob(), name: nameIn(answer.headers.get("Content-Disposition")) };
  }

  /** A picture of a page as a Blob. `layer`: "original" or "masked"; `width`: at most so many pixels, null for all. */
  async picture(id, index, { layer, width = null, signal = null }) {
    const query = new URLSearchParams({ layer, ...(width ? { width } : {}) });
    return (await this.#send("GET", `${this.#path(id)}/pages/${index}.png?${query}`, { signal })).blob();
  }

  /** A person's answer for a page; gives the whole report. `reason`: why the name may stay where it was found. */
  answer(id, index, { verdict, masks, reason = null, revision }) {
    const body = { mask_required: verdict, masks, ...(reason ? { override: reason } : {}) };
    const headers = { "Content-Type": "application/json", "If-Match": `"${revision}"` };
    return this.#json("PUT", `${this.#path(id)}/pages/${index}`, { headers, body: JSON.stringify(body) });
  }

  /** Sends a file with XMLHttpRequest: fetch() does not tell how far an upload has come. `onSent(share)`: 0..1. */
  upload({ file, name, aliases, idempotencyKey }, { onSent = () => {}, signal = null } = {}) {
    const form = new FormData();
    form.append("file", file);
    form.append("name", name);
    for (const alias of aliases) form.append("aliases", alias);
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", `${this.base}/documents?wait=0&lang=${this.lang()}`);
      const headers = { ...this.credential(), "Accept-Language": this.lang(), "Idempotency-Key": idempotencyKey };
      for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
      request.upload.onprogress = (event) => event.lengthComputable && onSent(event.loaded / event.total);
      request.onerror = () => reject(new Problem(OFFLINE));
      request.onabort = () => reject(new DOMException("stopped", "AbortError"));
      request.onload = () => {
        const body = parse(request.responseText),
          { status } = request;
        if (status >= 200 && status < 300) resolve(body);
        else reject(problem(status, body, request.getResponseHeader("Retry-After")));
      };
      signal?.addEventListener("abort", () => request.abort(), { once: true });
      request.send(form);
    });
  }

  #path(id) {
    return `documents/${encodeURIComponent(id)}`;
  }

  async #json(method, path, options = {}) {
    const answer = await this.#send(method, path, options);
    return answer.status === 204 ? null : answer.json();
  }

  async #send(method, path, { headers = {}, body = null, signal = null } = {}) {
    const told = { ...this.credential(), "Accept-Language": this.lang(), ...headers };
    let answer;
    try {
      const join = path.includes("?") ? "&" : "?";
      const address = `${this.base}/${path}${join}lang=${this.lang()}`;
      answer = await fetch(address, {
        method,
        headers: told,
        body,
        signal,
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
      });
    } catch (error) {
      throw error.name === "AbortError" ? error : new Problem(OFFLINE);
    }
    if (answer.ok) return answer;
    throw problem(answer.status, parse(await answer.text().catch(() => "")), answer.headers.get("Retry-After"));
  }
}

function problem(status, body, retryAfter) {
  // A date, which Retry-After may also be, is left to our own patience.
  const seconds = /^\d+$/.test(retryAfter ?? "") ? Number(retryAfter) : null;
  const { code = `http_${status}`, message = null, advice = null } = body;
  return new Problem({ status, code, message, advice, retryAfterS: seconds, body });
}

/** JSON or, from a proxy's error page, nothing. */
function parse(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

function nameIn(disposition) {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? "") ?? [];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="?([^";]+)"?/i.exec(disposition ?? "")?.[1] ?? null;
}
