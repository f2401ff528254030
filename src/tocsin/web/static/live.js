// Keeps the parts of a page marked data-live up to date, without moving what the reader is reading.
const parts = document.querySelector("[data-live]");
if (parts && "EventSource" in window) {
  const source = new EventSource("/api/v1/live");
  let busy = false;
  let again = false;
  const refresh = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(parts.dataset.live);
      const held = parts.contains(document.activeElement) || document.getSelection().toString();
      if (answer.ok && !held) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        parts.replaceChildren(...fresh.body.childNodes);
      }
    } finally {
      busy = false;
      if (again) {
        again = false;
        setTimeout(refresh, 1000);
      }
    }
  };
  source.addEventListener("change", refresh);
}
