// The outline of boxes that are shown as one.

/**
 * Closed lines around the union of `boxes`: [[[x, y]…]…], corners only, the inside to the right of the way; a hole is a line
 * of its own, the other way round.
 */
export function outline(boxes) {
  const next = edges(boxes),
    lines = [];
  while (next.size) {
    const [[start]] = next,
      line = [];
    let key = start;
    do {
      const ends = next.get(key);
      line.push(key);
      key = ends.pop();
      if (!ends.length) next.delete(line.at(-1));
    } while (key !== start);
    lines.push(corners(line.map((point) => point.split(" ").map(Number))));
  }
  return lines;
}

/** Sides of the cells between all edges of `boxes` that part inside from outside: where each begins -> where it may end. */
function edges(boxes) {
  const xs = cuts(boxes, 0, 2),
    ys = cuts(boxes, 1, 3),
    inside = xs.map(() => new Set());
  for (const [x0, y0, x1, y1] of boxes)
    for (let i = xs.indexOf(x0); xs[i] < x1; i++) for (let j = ys.indexOf(y0); ys[j] < y1; j++) inside[i].add(j);
  const next = new Map();
  const add = (...points) => {
    const [from, to] = points.map(([i, j]) => `${xs[i]} ${ys[j]}`);
    next.set(from, [...(next.get(from) ?? []), to]);
  };
  inside.forEach((column, i) =>
    column.forEach((j) => {
      if (!column.has(j - 1)) add([i, j], [i + 1, j]);
      if (!inside[i + 1].has(j)) add([i + 1, j], [i + 1, j + 1]);
      if (!column.has(j + 1)) add([i + 1, j + 1], [i, j + 1]);
      if (!inside[i - 1]?.has(j)) add([i, j + 1], [i, j]);
    }),
  );
  return next;
}

const cuts = (boxes, low, high) => [...new Set(boxes.flatMap((box) => [box[low], box[high]]))].sort((a, b) => a - b);

/** Without the points at which a line goes straight on. */
function corners(line) {
  return line.filter(([x, y], at) => {
    const [beforeX, beforeY] = line.at(at - 1),
      [afterX, afterY] = line[(at + 1) % line.length];
    return !((beforeX === x && x === afterX) || (beforeY === y && y === afterY));
  });
}

/** The lines of `outline` as the path of an SVG element. */
export const pathOf = (lines) => lines.map((line) => `M${line.map((point) => point.join(" ")).join("L")}Z`).join("");
