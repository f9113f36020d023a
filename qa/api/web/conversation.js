// The conversation that is on the page, whichever view shows it: its turns, and asking one more.
// A turn is {question, state, passages, sentences, pending, citations, conflicts, answer, problem};
// state is waiting, reading, writing, done, stopped or failed. Views hear of changes through
// `watch`. It knows nothing of the document, so it goes on while another view is open.

import { announce } from "./announce.js";
import { Problem, call, get, post } from "./api.js";
import { events } from "./events.js";
import { say } from "./i18n.js";

export const conversation = { id: null, turns: [] };

const FINISHED = new Set(["done", "stopped", "failed"]);
let watcher = () => undefined;
let stopping = null;

export function watch(listener) {
  watcher = listener;
}

export function isBusy() {
  return conversation.turns.some((turn) => !FINISHED.has(turn.state));
}

export function stop() {
  stopping?.abort();
}

export function startFresh() {
  stop();
  conversation.id = null;
  conversation.turns = [];
}

export async function open(id) {
  if (conversation.id === id) return;
  const stored = await get(`/v1/conversations/${encodeURIComponent(id)}`);
  stop();
  conversation.id = id;
  conversation.turns = stored.turns.map(({ question, answer }) => ({
    ...blank(question),
    state: "done",
    answer,
    citations: new Map(answer.citations.map((one) => [one.marker, one])),
  }));
}

// Asks and follows the answer; resolves when it is finished, however it ends.
export async function ask(question, options) {
  const turn = blank(question);
  const own = conversation.turns;
  own.push(turn);
  watcher(turn);
  stopping = new AbortController();
  try {
    await follow(turn, { question, ...options }, stopping.signal);
    if (!FINISHED.has(turn.state)) throw new Problem(0, say("problem.cut"));
  } catch (error) {
    finish(turn, error);
  }
  watcher(turn);
}

function blank(question) {
  return {
    question,
    state: "waiting",
    passages: 0,
    sentences: [],
    pending: "",
    citations: new Map(),
    conflicts: [],
    answer: null,
    problem: null,
  };
}

async function follow(turn, body, signal) {
  // What is asked next must not land in a conversation that was opened meanwhile.
  const id = (conversation.id ??= await begin(body.question, signal));
  const path = `/v1/conversations/${encodeURIComponent(id)}/ask`;
  const headers = { Accept: "text/event-stream" };
  const response = await call("POST", path, { body: { ...body, stream: true }, headers, signal });
  for await (const { kind, data } of events(response)) {
    take(turn, kind, data);
    watcher(turn);
    if (FINISHED.has(turn.state)) return;
  }
}

async function begin(question, signal) {
  const title = Array.from(question).slice(0, 120).join("");
  return (await post("/v1/conversations", { title }, { signal })).id;
}

function take(turn, kind, data) {
  if (kind === "retrieved") {
    turn.state = "reading";
    turn.passages = data.passages;
  } else if (kind === "token") {
    turn.state = "writing";
    turn.pending += data.text;
  } else if (kind === "sentence") {
    turn.pending = "";
    turn.sentences.push(data.text);
    announce(data.text.replace(/\s*\[\d+\]/g, ""));
  } else if (kind === "retracted") turn.pending = "";
  else if (kind === "citation") turn.citations.set(data.marker, data);
  else if (kind === "conflict") turn.conflicts.push(data);
  else if (kind === "error") throw Problem.from(data);
  else if (kind === "done") complete(turn, data.answer);
}

function complete(turn, answer) {
  turn.answer = answer;
  turn.citations = new Map(answer.citations.map((one) => [one.marker, one]));
  turn.conflicts = answer.conflicts ?? [];
  turn.pending = "";
  turn.state = "done";
  if (answer.status === "not_found") announce(answer.text);
  else announce(say("answer.finished", { count: answer.citations.length }));
}

function finish(turn, error) {
  turn.pending = "";
  turn.state = error.name === "AbortError" ? "stopped" : "failed";
  if (turn.state === "failed") {
    turn.problem = error instanceof Problem ? error : new Problem(0, error.message);
    announce(turn.problem.message);
  } else announce(say("answer.stopped"));
}
