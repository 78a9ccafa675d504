// Other tabs of the same person: what is answered in one leaves the screen of the others.

export class OtherTabs extends EventTarget {
  #channel = null;

  /** Talk to tabs with the same scope. */
  constructor(scope) {
    super();
    if (!("BroadcastChannel" in window)) return;
    this.#channel = new BroadcastChannel(`skal ${scope}`);
    this.#channel.onmessage = ({ data }) => this.dispatchEvent(new CustomEvent(data.what, { detail: data }));
  }

  tell(what, detail = {}) {
    this.#channel?.postMessage({ what, ...detail });
  }
}
