// Questions to the query API; the cookie of the session goes with each.

export class Problem extends Error {
  constructor(status, detail) { super(detail); this.status = status; }
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { credentials: "same-origin", ...options });
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, said.detail ?? answer.statusText);
}

export async function get(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== "");
  const query = new URLSearchParams(given).toString();
  return (await ask(query ? `${path}?${query}` : path)).json();
}

/** By a token, or by a person and a password; answers who that is. */
export async function signIn({ token, person, password }) {
  const shown = token ? { headers: { Authorization: `Bearer ${token}` } }
    : { headers: { "Content-Type": "application/json" }, body: JSON.stringify({ person, password }) };
  return (await ask("/v1/session", { method: "POST", ...shown })).json();
}

export const signOut = () => ask("/v1/session", { method: "DELETE" });

export const openStream = (path, lastEventId, signal) =>
  ask(path, { signal, cache: "no-store", headers: lastEventId ? { "Last-Event-ID": lastEventId } : {} });
