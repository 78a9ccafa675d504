// The server: a token in a header, an answer or a named error. Nothing is repeated here; outbox.js does that.

const PATIENCE = 20_000; // ms until a request counts as lost
const TOKEN = "skal.token";
const FINAL = new Set([400, 404, 409, 413, 415, 422]); // answers that are the same however often one asks

export class ApiError extends Error {
  constructor(status, code, message, details = {}) {
    super(message);
    this.status = status; // 0: the server was not reached
    this.code = code;
    this.details = details;
  }

  /** Whether the same request may succeed later, so that what it holds must be kept. */
  get passes() {
    return !FINAL.has(this.status);
  }
}

let token = null;
let fromLink = false;

/** Take the token of a personal link out of the address, so that it stays in no history. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    store(sessionStorage, given);
    history.replaceState(null, "", location.pathname);
  }
  token = given ?? read(sessionStorage) ?? read(localStorage);
  fromLink = token !== null;
}

/** Whether this person came by a personal link. */
export const hasLink = () => fromLink;

/** Keep the token on this device, or only in this tab. */
export function stayOnDevice(stay) {
  if (stay) store(localStorage, token);
  else localStorage.removeItem(TOKEN);
}

export const staysOnDevice = () => read(localStorage) !== null;

/** Read who this is, and what is labelled. */
export async function openSession() {
  if (token === null) takeToken();
  const session = await request("GET", "/api/session");
  token = session.token ?? token;
  return session;
}

/** A name for a request that stays the same however often it is sent. */
export function newRequest() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function get(path, values = {}) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null && value !== ""));
  return request("GET", query.size ? `${path}?${query}` : path);
}

export const post = (path, body) => request("POST", path, body);

/** An image as an address that an element can show; images need the token too. */
export async function imageBlob(url) {
  const answer = await reach(url, { headers: headers() });
  if (!answer.ok) throw new ApiError(answer.status, "image", answer.statusText);
  return answer.blob();
}

async function request(method, path, body) {
  const options = { method, headers: headers() };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer = await reach(path, options);
  if (answer.status === 401 && !fromLink && path !== "/api/session") {
    // The server was started again and has another token for this machine.
    await reopen();
    options.headers = { ...options.headers, ...headers() };
    answer = await reach(path, options);
  }
  let said = null;
  try {
    said = await answer.json();
  } catch {
    if (answer.ok) throw new ApiError(0, "unreachable", "the answer of the server broke off");
  }
  if (!answer.ok) throw new ApiError(answer.status, said?.code ?? "failed", said?.error ?? answer.statusText, said ?? {});
  return said;
}

/** What to do when the server has been started again; main.js checks that it holds the same project. */
let onReopen = () => true;
export function whenReopened(check) {
  onReopen = check;
}

async function reopen() {
  const session = await request("GET", "/api/session");
  if (!onReopen(session)) throw new ApiError(401, "other_project", "another project is labelled at this address");
  token = session.token ?? token;
}

async function reach(path, options) {
  try {
    return await fetch(path, { ...options, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    throw new ApiError(0, "unreachable", String(error));
  }
}

function headers() {
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

function read(storage) {
  try {
    return storage.getItem(TOKEN);
  } catch {
    return null;
  }
}

function store(storage, value) {
  try {
    storage.setItem(TOKEN, value);
  } catch {
    // Forbidden storage: the token lives as long as the tab.
  }
}
