// Boxes [x0, y0, x1, y1] in pixels of a page {width, height}, whole numbers, origin top-left, x1 and y1 outside the box.

/** The least side of a box: smaller ones come from a slip of the hand and hide nothing. */
export const MIN_SIDE = 4;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** The box between two corners in any order, inside the page, no side below MIN_SIDE. */
export function boxBetween(x0, y0, x1, y1, page) {
  const [left, right] = span(Math.min(x0, x1), Math.max(x0, x1), page.width);
  const [top, bottom] = span(Math.min(y0, y1), Math.max(y0, y1), page.height);
  return [left, top, right, bottom];
}

function span(low, high, length) {
  const start = clamp(Math.round(low), 0, Math.max(0, length - MIN_SIDE));
  return [start, clamp(Math.round(high), start + MIN_SIDE, Math.max(length, start + MIN_SIDE))];
}

/** The same box elsewhere; at an edge of the page it stops, and keeps its size. */
export function moveBox([x0, y0, x1, y1], dx, dy, page) {
  const left = clamp(Math.round(x0 + dx), 0, page.width - (x1 - x0));
  const top = clamp(Math.round(y0 + dy), 0, page.height - (y1 - y0));
  return [left, top, left + x1 - x0, top + y1 - y0];
}

/** Boxes that move as one: at an edge of the page all of them stop. */
export function moveBoxes(boxes, dx, dy, page) {
  const [x0, y0] = around(boxes),
    [left, top] = moveBox(around(boxes), dx, dy, page);
  return boxes.map((box) => [box[0] + left - x0, box[1] + top - y0, box[2] + left - x0, box[3] + top - y0]);
}

/** `edges`: which of "n", "s", "w", "e" follow the pointer, such as "se"; the others stay, also when they are crossed. */
export function resizeBox([x0, y0, x1, y1], edges, dx, dy, page) {
  const left = edges.includes("w") ? Math.min(x0 + dx, x1 - MIN_SIDE) : x0;
  const right = edges.includes("e") ? Math.max(x1 + dx, x0 + MIN_SIDE) : x1;
  const top = edges.includes("n") ? Math.min(y0 + dy, y1 - MIN_SIDE) : y0;
  const bottom = edges.includes("s") ? Math.max(y1 + dy, y0 + MIN_SIDE) : y1;
  return boxBetween(
    clamp(left, 0, page.width),
    clamp(top, 0, page.height),
    clamp(right, 0, page.width),
    clamp(bottom, 0, page.height),
    page,
  );
}

/** The box with `by` pixels more on every side, as far as the page goes. */
export function padBox([x0, y0, x1, y1], by, page) {
  return boxBetween(
    clamp(x0 - by, 0, page.width),
    clamp(y0 - by, 0, page.height),
    clamp(x1 + by, 0, page.width),
    clamp(y1 + by, 0, page.height),
    page,
  );
}

/** The least box around all of them; null where there is none. */
export function around(boxes) {
  if (!boxes.length) return null;
  const column = (i, pick) => pick(...boxes.map((box) => box[i]));
  return [column(0, Math.min), column(1, Math.min), column(2, Math.max), column(3, Math.max)];
}

/** Whether two boxes overlap or lie edge to edge; a corner alone does not count. */
export function touch(one, other) {
  const common = (low, high) => Math.min(one[high], other[high]) - Math.max(one[low], other[low]);
  const width = common(0, 2),
    height = common(1, 3);
  return width >= 0 && height >= 0 && width + height > 0;
}

/** Boxes that hang together by touching, in groups; groups and the boxes in them keep the order of the list. */
export function groupBoxes(boxes) {
  const groups = [];
  boxes.forEach((box, at) => {
    const [first, ...others] = groups.filter((group) => group.some((one) => touch(boxes[one], box)));
    if (!first) {
      groups.push([at]);
      return;
    }
    first.push(...others.flat(), at);
    for (const group of others) groups.splice(groups.indexOf(group), 1);
  });
  return groups.map((group) => group.sort((a, b) => a - b).map((at) => boxes[at]));
}

/** Whether both hold the same boxes; their order says nothing. */
export function sameBoxes(some, others) {
  const written = (boxes) => boxes.map(String).sort().join(";");
  return written(some) === written(others);
}
