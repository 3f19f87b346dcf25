// Who asks, and for what: the key or the link's token, kept for this tab only, and the address.

const KEY = "redact.key",
  TOKEN = "redact.token";

/** What the address asks for: {document: id or null, token: string or null}. */
export function readAddress(hash) {
  const [path, query = ""] = hash.replace(/^#/, "").split("?");
  const id = /^\/d\/([^/]+)$/.exec(path)?.[1];
  return { document: id ? decodeURIComponent(id) : null, token: new URLSearchParams(query).get("token") };
}

export const addressOf = (id) => `#/d/${encodeURIComponent(id)}`;

export class Session {
  constructor(storage = sessionStorage) {
    this.storage = storage;
  }

  /** Takes a link's token out of the address at once, so that it is not copied, bookmarked or shown in the history. */
  adoptToken() {
    const { document: id, token } = readAddress(location.hash);
    if (!id || !token) return;
    this.storage.setItem(TOKEN, JSON.stringify({ id, token }));
    history.replaceState(null, "", addressOf(id));
  }

  useKey(key) {
    this.storage.setItem(KEY, key);
  }

  forgetKey() {
    this.storage.removeItem(KEY);
  }

  /** The headers for the document in the address: its own link's token before the key of the one who sits here. */
  credential() {
    const { document: id } = readAddress(location.hash);
    const link = JSON.parse(this.storage.getItem(TOKEN) ?? "null"),
      key = this.storage.getItem(KEY);
    if (link && (link.id === id || !key)) return { Authorization: `Bearer ${link.token}` };
    return key ? { "X-API-Key": key } : {};
  }
}

/** Random and unguessable; crypto.randomUUID is missing where the page came by plain HTTP. */
export function makeIdempotencyKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
