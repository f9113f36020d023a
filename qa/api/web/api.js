// Talks to the server. In: method, path, body. Out: the Response, or its JSON.
// Raises Problem with a sentence in the interface's language; what the server said is its detail.
// On 401 it asks for a key once and tries again.

import { askForKey } from "./dialogs.js";
import { knows, say } from "./i18n.js";
import { keepKey, key } from "./preferences.js";

export class Problem extends Error {
  constructor(status, detail = "", retryAfter = null) {
    const name = `problem.${status}`;
    super(say(knows(name) ? name : "problem.other", { status, seconds: retryAfter ?? 5 }));
    this.status = status;
    this.detail = detail;
  }

  // Problem details that arrive within a stream of events.
  static from(body) {
    const problem = body.problem ?? body;
    return new Problem(problem.status ?? 500, problem.detail ?? problem.title ?? "");
  }
}

let asking = null;

export async function call(method, path, { body, form, headers = {}, signal } = {}) {
  for (let attempt = 0; ; attempt += 1) {
    const response = await send(method, path, { body, form, headers, signal });
    if (response.ok) return response;
    if (response.status !== 401 || attempt > 4) throw await problemOf(response);
    // Several requests may be refused at once; there is one dialog for all of them.
    asking ??= askForKey(attempt > 0 || key() !== null).finally(() => (asking = null));
    const given = await asking;
    if (given === null) throw await problemOf(response);
    keepKey(given);
  }
}

export async function get(path, options = {}) {
  return (await call("GET", path, options)).json();
}

export async function post(path, body, options = {}) {
  return (await call("POST", path, { body, ...options })).json();
}

export async function remove(path, headers = {}) {
  await call("DELETE", path, { headers });
}

// Query string without what is not set.
export function query(values) {
  const set = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  return set.length ? `?${new URLSearchParams(set)}` : "";
}

// Where a path of the server lies, also when a proxy serves it under a prefix.
export function address(path) {
  return new URL(path.replace(/^\//, ""), document.baseURI);
}

async function send(method, path, { body, form, headers, signal }) {
  const sent = new Headers(headers);
  if (key()) sent.set("Authorization", `Bearer ${key()}`);
  if (body !== undefined) sent.set("Content-Type", "application/json");
  const content = form ?? (body === undefined ? undefined : JSON.stringify(body));
  try {
    return await fetch(address(path), { method, headers: sent, body: content, signal, cache: "no-cache" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, error.message);
  }
}

async function problemOf(response) {
  let detail = "";
  if (response.headers.get("Content-Type")?.includes("json")) {
    detail = (await response.json()).detail;
  }
  const seconds = Number(response.headers.get("Retry-After")) || null;
  return new Problem(response.status, typeof detail === "string" ? detail : "", seconds);
}
