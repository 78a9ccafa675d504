// Where answers wait until the server has them: IndexedDB, so that a closed tab or a crash loses none.

const NAME = "skal";
const STORE = "outbox";

/** Open the store; null if this browser forbids it (some private windows). */
export async function openStore() {
  try {
    const database = await done(
      Object.assign(indexedDB.open(NAME, 1), {
        onupgradeneeded: (event) => event.target.result.createObjectStore(STORE, { keyPath: "request" }),
      }),
    );
    return new Store(database);
  } catch {
    return null;
  }
}

class Store {
  constructor(database) {
    this.database = database;
  }

  /** What is waiting for a project and person, in the order in which it was given. */
  async all(scope) {
    const items = await done(this.#transaction("readonly").getAll());
    return items.filter((item) => item.scope === scope).sort((a, b) => a.given - b.given || a.place - b.place);
  }

  put(item) {
    return done(this.#transaction("readwrite").put(item));
  }

  remove(request) {
    return done(this.#transaction("readwrite").delete(request));
  }

  #transaction(mode) {
    return this.database.transaction(STORE, mode).objectStore(STORE);
  }
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}
