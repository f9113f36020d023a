// Tells screen readers what has happened: whole sentences, in order, politely.

export function announce(text) {
  const live = document.getElementById("live");
  const said = document.createElement("span");
  said.textContent = `${text} `;
  live.append(said);
  // Old words would be read again by readers that take the whole region.
  while (live.childElementCount > 5) live.firstElementChild.remove();
}
