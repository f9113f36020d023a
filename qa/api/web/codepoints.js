// The server counts characters as Python does, in code points; JavaScript counts UTF-16 units.

export function pointsIn(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export function slice(text, start, end) {
  return Array.from(text).slice(start, end).join("");
}

// Cuts a quote into [{text, strong}] by spans of supporting words; spans that have only white
// space between them are one. Spans outside of the quote are cut to it.
export function parts(quote, spans) {
  const points = Array.from(quote);
  const result = [];
  let last = 0;
  const cut = (until, strong) => {
    if (until > last) result.push({ text: points.slice(last, until).join(""), strong });
    last = Math.max(last, until);
  };
  for (const [start, end] of joined(points, spans)) {
    cut(Math.min(start, points.length), false);
    cut(Math.min(end, points.length), true);
  }
  cut(points.length, false);
  return result;
}

function joined(points, spans) {
  const result = [];
  for (const [start, end] of [...spans].sort((one, other) => one[0] - other[0])) {
    const before = result.at(-1);
    if (before && points.slice(before[1], start).join("").trim() === "") {
      before[1] = Math.max(before[1], end);
    } else result.push([start, end]);
  }
  return result;
}
