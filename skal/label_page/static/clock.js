// How long a question has been looked at: time in which the page is hidden does not count.

export class Clock {
  #since = performance.now();
  #sum = 0;

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#sum += performance.now() - this.#since;
      this.#since = performance.now();
    });
  }

  /** When the question appeared, on the clock of events. */
  started = 0;

  start() {
    this.#sum = 0;
    this.#since = performance.now();
    this.started = this.#since;
  }

  /** Seconds since the question appeared, to the tenth. */
  get seconds() {
    const running = document.hidden ? 0 : performance.now() - this.#since;
    return Math.round((this.#sum + running) / 100) / 10;
  }
}
