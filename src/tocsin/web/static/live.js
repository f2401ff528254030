// Keeps the part of a page marked data-live up to date. What the reader opened stays open, the focus stays
// where it was, and nothing moves under a selection. Without this script the page is the same, but still.
const part = document.querySelector("[data-live]");
const PATIENCE = 30_000;
let tag = "";
let busy = false;
let again = false;

/** How to find an element again in the fresh part; empty when it has no name of its own. */
function name(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.matches("summary")) return `#${CSS.escape(element.parentElement.id)} > summary`;
  if (element.hasAttribute("href")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
  return "";
}

/** Replace the part's content, keeping what the reader did to it. */
function replace(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const opened of part.querySelectorAll("details[open]")) {
    fresh.getElementById(opened.id)?.setAttribute("open", "");
  }
  const scrolled = [...part.querySelectorAll(".scroll")].map((one) => [one.scrollLeft, one.scrollTop]);
  const active = part.contains(document.activeElement) ? name(document.activeElement) : null;
  part.replaceChildren(...fresh.body.childNodes);
  part.querySelectorAll(".scroll").forEach((one, place) => one.scrollTo(...(scrolled[place] ?? [0, 0])));
  if (active !== null) {
    const same = active && part.querySelector(active);
    (same || part).focus({ preventScroll: true });
  }
}

async function refresh() {
  if (busy || document.hidden || document.getSelection().toString()) {
    again = true;
    return;
  }
  busy = true;
  again = false;
  try {
    const answer = await fetch(part.dataset.live);
    if (answer.ok && answer.headers.get("etag") !== tag) {
      tag = answer.headers.get("etag");
      replace(await answer.text());
    }
  } catch {
    again = true; // the connection is gone; the next change tries again
  } finally {
    busy = false;
  }
}

function listen() {
  const source = new EventSource("/api/v1/live");
  source.addEventListener("change", refresh);
  source.addEventListener("error", () => {
    // A browser gives up for good when the node says that too many listen.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => (refresh(), listen()), PATIENCE);
  });
}

if (part && "EventSource" in window) {
  part.tabIndex = -1;
  setInterval(() => again && refresh(), 2000);
  document.addEventListener("visibilitychange", () => again && refresh());
  listen();
}
