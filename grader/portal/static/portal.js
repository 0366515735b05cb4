// Moments in the reader's time zone, and the checks of a hand-in as they come. Without it the page loads itself again every few seconds.
"use strict";
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const one of document.querySelectorAll("time[data-zone]")) { // also by the clock on the reader's wall
  const local = new Date(one.dateTime).toLocaleString([], {weekday: "short", hour: "2-digit", minute: "2-digit"});
  if (one.dataset.zone !== here) one.after(` – ${local} where you are`);
}
const live = document.getElementById("live");
if (live && window.EventSource) {
  const checks = document.getElementById("checks"), place = document.getElementById("place");
  const source = new EventSource(live.dataset.events);
  source.addEventListener("place", (event) => { place.textContent = event.data; });
  source.addEventListener("check", (event) => {
    place.textContent = "";
    checks.insertAdjacentHTML("beforeend", event.data); // rendered and escaped by the server
  });
  source.addEventListener("state", (event) => {
    if (event.data === "done" || event.data === "aside") {
      source.close();
      location.reload();
    } else if (event.data !== live.dataset.state) {
      live.dataset.state = event.data;
      live.querySelector(".now").textContent = event.data === "running" ? "being graded" : "waiting";
      checks.replaceChildren();
      place.textContent = "";
    }
  });
  source.addEventListener("error", () => { // it comes back by itself, unless it was refused
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
  });
  addEventListener("pagehide", () => source.close());
}
