// Makes elements. Text only ever becomes text nodes: nothing from the server is parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

const DRAWINGS = {
  close: "M5 5l14 14M19 5L5 19",
  send: "M12 19V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
  again: "M4 12a8 8 0 1 0 2.5-5.8M4 4v4h4",
  fresh: "M12 5v14M5 12h14",
  light: "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  auto: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 3v18M15 4.5v15M18 7v10",
};

// make("p", {class: "quiet", onclick: f}, "text", node, null): attributes that are null or false
// are left out, true stands for an empty one, "on…" are listeners.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...present(children));
  return element;
}

export function fill(element, ...children) {
  element.replaceChildren(...present(children));
  return element;
}

export function button(label, onclick, attributes = {}) {
  return make("button", { type: "button", onclick, ...attributes }, label);
}

// A button that shows a drawing; its name is for the screen reader and the tooltip.
export function iconButton(drawing, name, onclick, attributes = {}) {
  const more = { class: "icon", "aria-label": name, title: name, ...attributes };
  return button(icon(drawing), onclick, more);
}

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", DRAWINGS[name]);
  drawing.append(path);
  return drawing;
}

export function field(label, control, attributes = {}) {
  return make("label", { class: "field", ...attributes }, make("span", {}, label), control);
}

function present(children) {
  return children.flat().filter((child) => child !== null && child !== undefined && child !== "");
}
