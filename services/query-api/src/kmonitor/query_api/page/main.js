// The page: signs in, shows what is, and keeps it true.
import { Problem, get, signIn, signOut } from "./api.js";
import { byId, h, say } from "./dom.js";
import { Faults } from "./faults.js";
import { Live } from "./live.js";
import { Panel } from "./panel.js";
import { chooseLanguage, clock, firstLanguage, learnConditions, onLanguage, t, word } from "./speak.js";
import { Terminals } from "./terminals.js";
import { Tiles } from "./tiles.js";

const STREAM = "/v1/live?types=terminal,fault,summary";
const chosen = { status: null, severity: null };
let live = null, isLost = false, isOpen = false, who = null;

const panel = new Panel(failed);
const terminals = new Terminals((terminal) => panel.open(terminal), failed);
const faults = new Faults((terminal) => panel.open(terminal), failed);
const tiles = new Tiles(
  (status) => { chosen.status = chosen.status === status ? null : status; showView("terminals"); tiles.choose(chosen); chip(); terminals.filter({ status: chosen.status }); },
  (severity) => { chosen.severity = chosen.severity === severity ? null : severity; tiles.choose(chosen); faults.filter(chosen.severity); },
);

function failed(error) {
  if (error instanceof Problem && error.status === 401) { showSignIn(); return; }
  if (error instanceof Problem) { const banner = byId("banner"); say(banner, `${t("couldNot")} ${error.message}`); banner.hidden = false; }
}

async function readAll() {
  const [summary] = await Promise.all([get("/v1/summary").catch(failed), terminals.load(), faults.load()]);
  if (summary) tiles.show(summary);
}

function follow() {
  live?.stop();
  live = new Live(STREAM, {
    open: (resumed) => { isLost = false; isOpen = true; byId("banner").hidden = true; freshness(); if (!resumed) readAll(); },
    lost: () => { isLost = true; isOpen = false; freshness(); },
    denied: showSignIn,
    event: (type, item) => {
      if (type === "terminal") { terminals.change(item); panel.changed(item.terminal); }
      else if (type === "fault") { faults.change(item); panel.changed(item.terminal); }
      else if (type === "summary") tiles.show(item);
    },
  });
}

/** Whether what stands on the page is the present, and of when it is if not. */
function freshness() {
  const from = live?.heardAt ? `${t("dataFrom")} ${clock(new Date(live.heardAt).toISOString())}` : "";
  const place = byId("freshness");
  place.dataset.state = isLost ? "lost" : isOpen ? "live" : "connecting";
  say(place, isLost ? `${t("lost")} ${from}` : t(isOpen ? "live" : "connecting"));
  const banner = byId("banner");
  if (isLost) { say(banner, `${t("lost")} ${from}`); banner.hidden = false; }
  document.body.classList.toggle("stale", isLost);
}

function chip() {
  const place = byId("filter-chip");
  place.hidden = chosen.status === null;
  place.replaceChildren();
  if (chosen.status) {
    place.append(word("statuses", chosen.status), h("button", { type: "button", "aria-label": t("clearFilter"), onclick: () => { chosen.status = null; tiles.choose(chosen); chip(); terminals.filter({ status: null }); } }, "✕"));
  }
}

function showView(view) {
  byId("board").dataset.view = view;
  for (const button of document.querySelectorAll("[data-view]")) {
    if (button.tagName === "BUTTON") button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
}

function showSignIn() {
  live?.stop();
  panel.close();
  byId("board").hidden = true;
  byId("sign-out").hidden = true;
  byId("signed-in").hidden = true;
  byId("sign-in").hidden = false;
  byId("banner").hidden = true;
  byId("freshness").replaceChildren();
  byId("person").focus();
}

/** Who has signed in, and in which role. */
function signedIn() {
  byId("signed-in").hidden = who === null;
  if (who) say(byId("signed-in"), [who.name ?? who.person ?? who.token, word("roles", who.role)].filter(Boolean).join(" · "));
}

async function showBoard() {
  byId("sign-in").hidden = true;
  byId("board").hidden = false;
  byId("sign-out").hidden = false;
  signedIn();
  freshness();
  await get("/v1/conditions").then(({ items }) => learnConditions(items)).catch(failed);
  follow();
}

async function enter(shown) {
  try {
    who = await signIn(shown);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showSignIn();
    say(byId("sign-in-wrong"), error.status === 401 ? t(shown.token ? "wrongToken" : "wrongPassword") : error.message);
    return;
  }
  say(byId("sign-in-wrong"), "");
  byId("sign-in").reset();
  await showBoard();
}

/** The token of the address, taken out of the address bar and of the history at once. */
function tokenOfAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) history.replaceState(null, "", location.pathname + location.search);
  return token;
}

async function start() {
  const token = tokenOfAddress();
  if (token !== null) { await enter({ token }); return; }
  try {
    who = await get("/v1/session");
    if (who.expires_at === null) { showSignIn(); return; }
  } catch { /* the server is away: the board says so, and keeps trying */ }
  await showBoard();
}

for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => chooseLanguage(button.dataset.language));
for (const button of document.querySelectorAll(".tabs [data-view]")) button.addEventListener("click", () => showView(button.dataset.view));
byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  enter({ token: byId("token").value.trim(), person: byId("person").value.trim(), password: byId("password").value });
});
byId("sign-out").addEventListener("click", async () => {
  const failure = await signOut().then(() => "", (error) => (error instanceof Problem ? error.message : ""));
  showSignIn();
  say(byId("sign-in-wrong"), failure);
});
let typing = null;
byId("search").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => terminals.filter({ q: event.target.value.trim() }), 150);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(INPUT|TEXTAREA)$/.test(document.activeElement?.tagName ?? "")) { event.preventDefault(); byId("search").focus(); }
});
onLanguage(() => { signedIn(); tiles.draw(); terminals.draw(); faults.draw(); panel.draw(); chip(); freshness(); });
setInterval(() => { if (!byId("board").hidden) { terminals.draw(); faults.draw(); freshness(); } }, 5000);
chooseLanguage(firstLanguage());
showView("terminals");
start();
