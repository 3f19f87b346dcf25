// Pictures of pages: fetched with headers, since an <img> sends none, shown through blob: addresses, let go when not needed.

/** Lets at most `most` works run at a time, in the order they came. */
export class Turns {
  #running = 0;
  #waiting = [];

  constructor(most) {
    this.most = most;
  }

  /** Runs `work()` when its turn comes; one whose `signal` was aborted before is left out with AbortError. */
  async run(work, signal = null) {
    if (this.#running >= this.most) await new Promise((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

/** The last `most` pictures that were asked for. `load(key, signal)` gives a Blob for a key. */
export class Pictures {
  #held = new Map();

  constructor(load, most) {
    Object.assign(this, { load, most });
  }

  get size() {
    return this.#held.size;
  }

  /** A blob: address. It may be revoked once `most` others have been asked for. */
  async get(key) {
    const name = JSON.stringify(key);
    let entry = this.#held.get(name);
    this.#held.delete(name);
    if (!entry) {
      const stop = new AbortController();
      entry = { stop, address: this.load(key, stop.signal).then((blob) => URL.createObjectURL(blob)) };
      entry.address.catch(() => this.#held.get(name) === entry && this.#held.delete(name));
    }
    this.#held.set(name, entry);
    while (this.#held.size > this.most) this.#drop(this.#held.keys().next().value);
    return entry.address;
  }

  clear() {
    for (const name of [...this.#held.keys()]) this.#drop(name);
  }

  #drop(name) {
    const { stop, address } = this.#held.get(name);
    this.#held.delete(name);
    stop.abort();
    address.then(
      (url) => URL.revokeObjectURL(url),
      () => {},
    );
  }
}

const WIDTHS = [640, 1000, 1600, 2400];

/** The width to ask for so that `needed` pixels are sharp: one of a few, so that zooming asks seldom; null for full size. */
export function widthFor(needed, full) {
  const width = WIDTHS.find((one) => one >= needed);
  return width && width < full ? width : null;
}

/** Draws the part of a loaded `<img>` that shows `box` of `page` into `canvas`, with some of its surroundings. */
export function drawCrop(canvas, img, box, page) {
  const [x0, y0, x1, y1] = box,
    ratio = canvas.width / canvas.height,
    context = canvas.getContext("2d");
  const height = Math.max((y1 - y0) * 1.7, ((x1 - x0) * 1.25) / ratio),
    width = height * ratio,
    scale = img.naturalWidth / page.width;
  const left = (x0 + x1 - width) / 2,
    top = (y0 + y1 - height) / 2;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(img, left * scale, top * scale, width * scale, height * scale, 0, 0, canvas.width, canvas.height);
}
