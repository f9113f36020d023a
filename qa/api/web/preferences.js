// What the browser remembers. Where storage is forbidden, only this visit does.

const remembered = new Map();

export function read(name, otherwise) {
  if (remembered.has(name)) return remembered.get(name);
  try {
    return localStorage.getItem(`belegt.${name}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function write(name, value) {
  remembered.set(name, value);
  try {
    localStorage.setItem(`belegt.${name}`, value);
  } catch {
    return;
  }
}

// The key to the server lives as long as the tab, never longer.
export function key() {
  if (remembered.has("key")) return remembered.get("key");
  try {
    return sessionStorage.getItem("belegt.key");
  } catch {
    return null;
  }
}

export function keepKey(value) {
  remembered.set("key", value);
  try {
    sessionStorage.setItem("belegt.key", value);
  } catch {
    return;
  }
}
