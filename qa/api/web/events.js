// Reads server-sent events from a fetch response; EventSource could send neither a body nor a key.
// In: a Response. Out: {kind, data} one by one, data parsed as JSON. Lines that are comments
// (heartbeats) are passed over. Raises what the network raises, SyntaxError on data that is no JSON.

export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      waiting += value;
      const blocks = waiting.split(/\r\n\r\n|\n\n/);
      waiting = blocks.pop();
      for (const block of blocks) {
        const event = parsed(block);
        if (event) yield event;
      }
    }
  } finally {
    // Leaving the loop early must tell the server, or it would go on computing.
    await reader.cancel().catch(() => undefined);
  }
}

function parsed(block) {
  let kind = "message";
  const data = [];
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith("event:")) kind = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { kind, data: JSON.parse(data.join("\n")) } : null;
}
