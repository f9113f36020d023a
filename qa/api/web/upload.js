// Adding documents: a place to drop files or choose them, and the progress of each file.
// In: files of the browser. Out: one multipart request, then the events of the server's job; where
// the events break off, the job is asked for instead. What the server refuses stands beside the file.

import { announce } from "./announce.js";
import { call, get } from "./api.js";
import { fill, iconButton, make } from "./dom.js";
import { events } from "./events.js";
import { knows, say } from "./i18n.js";

const FINISHED = new Set(["done", "failed"]);
const SHOWN = 200;

export function uploader(jobs, onAdded) {
  const input = make("input", { type: "file", multiple: true, id: "files", class: "unseen" });
  const zone = make("div", { class: "drop" },
    make("p", {}, say("upload.drop"), " ", make("label", { for: "files" }, say("upload.choose")), input),
    make("p", { class: "quiet" }, say("upload.kinds")));
  const take = (files) => files.length && upload([...files], jobs, onAdded);
  input.addEventListener("change", () => {
    take(input.files);
    input.value = "";
  });
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take(event.dataTransfer.files);
  });
  return zone;
}

// With the folders it lies in, where the browser tells them: without, two notes share one name.
function nameOf(file) {
  return file.webkitRelativePath || file.name;
}

async function upload(files, jobs, onAdded) {
  const form = new FormData();
  for (const file of files) form.append("files", file, nameOf(file));
  const names = files.map((file) => ({ name: nameOf(file), state: "sending" }));
  const place = make("div", {});
  jobs.prepend(place);
  const sending = card(say("upload.adding", { count: files.length }), { state: "sending", files: names });
  fill(place, sending);
  try {
    // The same files sent twice by a shaky line are one job.
    const headers = { "Idempotency-Key": crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
    const response = await call("POST", "/v1/documents", { form, headers });
    await jobCard(place, say("upload.adding", { count: files.length }), await response.json());
    await onAdded();
  } catch (error) {
    fill(place, make("div", { class: "warning", role: "alert" },
      make("p", {}, error.message), error.detail ? make("p", { class: "quiet" }, error.detail) : null));
  }
}

// Shows a job until it is finished; resolves then.
export async function jobCard(place, title, job) {
  const own = make("div", {});
  place.replaceChildren(own);
  const show = (state) => fill(own, card(title, state, () => own.remove()));
  show(job);
  const last = FINISHED.has(job.state) ? job : await follow(job, show);
  show(last);
  announce(outcome(last));
}

async function follow(job, show) {
  const path = `/v1/jobs/${encodeURIComponent(job.id)}`;
  try {
    const response = await call("GET", `${path}/events`, { headers: { Accept: "text/event-stream" } });
    for await (const { data } of events(response)) {
      show(data);
      if (FINISHED.has(data.state)) return data;
    }
  } catch (error) {
    // Only a line that broke is worth asking again; a refusal is final.
    if (error.status) throw error;
  }
  return poll(path, show);
}

async function poll(path, show) {
  for (;;) {
    const job = await get(path);
    show(job);
    if (FINISHED.has(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

function card(title, job, onClose = null) {
  const files = job.files ?? [];
  const ready = files.filter((file) => !["waiting", "sending"].includes(file.state)).length;
  const isDone = FINISHED.has(job.state);
  const bar = make("progress", { max: files.length || 1, "aria-label": title });
  if (files.length && job.state !== "sending") bar.value = isDone ? files.length : ready;
  const rows = files.slice(0, SHOWN).map((file) => make("li", { "data-state": file.state },
    make("span", { class: "name" }, file.name),
    make("span", { class: "state" }, say(`file.${file.state}`)),
    file.reason ? make("span", { class: "reason" }, file.reason) : null));
  return make("section", { class: "card job", "data-state": job.state },
    make("div", { class: "headline" }, make("h2", {}, isDone ? outcome(job) : title),
      isDone && onClose ? iconButton("close", say("dialog.close"), onClose) : null),
    isDone ? null : bar,
    rows.length ? make("ul", { tabindex: "0", "aria-label": title }, rows) : null,
    job.reason ? make("p", { class: "warning" }, job.reason) : null);
}

function outcome(job) {
  if (job.state === "failed") return say("job.failed");
  const name = `job.${job.kind}`;
  const good = (job.files ?? []).filter((file) => file.state !== "refused").length;
  return knows(`${name}.other`) ? say(name, { count: good }) : say("job.done");
}
