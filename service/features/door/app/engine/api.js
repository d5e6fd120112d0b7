/*
 * Requests to the service. Three things may come of one: an answer; a refusal, which is a DoorError
 * with the code of its problem document; or nothing that is the service's word (no network, no
 * answer in time, a captive portal's page, a service that is busy), a DoorError with `later` true.
 */
export class DoorError extends Error {
  /* problem: a problem document (RFC 9457) or as much of one as there is */
  constructor({ code, title, detail, errors, status }, { later = false, slow = false } = {}) {
    super(detail ?? title ?? code);
    Object.assign(this, { name: "DoorError", code, title, detail, errors: errors ?? [], status });
    this.later = later; /* trying again may help */
    this.slow = slow; /* there was a network, but no answer in time */
  }
}

const patienceMs = 15_000;

export const unreachable = (slow = false) =>
  new DoorError({ code: "offline" }, { later: true, slow });

const isLater = (status) => status >= 500 || [408, 425, 429].includes(status);

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null; /* not ours: whatever stands between us and the service wrote it */
  }
}

export class Api {
  #fetch;
  #clock;
  #language;
  #ended = new AbortController();
  token = null;
  /* Set by whoever wants to know. */
  onUnpaired = () => {};
  onSkew = () => {};
  onReached = () => {};
  onUnreached = () => {}; /* (slow) */

  constructor({ fetch, clock, language }) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#language = language;
  }

  /* Ends what is under way, and refuses what comes. */
  end() {
    this.#ended.abort();
  }

  get isEnded() {
    return this.#ended.signal.aborted;
  }

  headers(more) {
    const headers = { accept: "application/json", ...more };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (this.#language) headers["accept-language"] = this.#language;
    return headers;
  }

  /* The fetch of a request as it is, for what is read while it comes. */
  open(path, { headers, ...options }) {
    const sent = { cache: "no-store", credentials: "omit", redirect: "error", ...options };
    return this.#fetch(path, { ...sent, headers: this.headers(headers) });
  }

  /* → {status, body (JSON or null), headers} */
  async ask(method, path, { json, headers, key, patience = patienceMs } = {}) {
    const given = { ...headers };
    if (key) given["idempotency-key"] = key;
    if (json !== undefined) given["content-type"] = "application/json";
    const body = json === undefined ? undefined : JSON.stringify(json);
    const startedAt = this.#clock.own();
    const { response, answer } = await this.#sent(path, { method, headers: given, body }, patience);
    if (answer?.now && this.#clock.learn(answer.now, startedAt, this.#clock.own())) this.onSkew();
    this.#refuse(response, answer);
    return { status: response.status, body: answer, headers: response.headers };
  }

  /* What a stream's 401 means. */
  async noticeUnpaired(response) {
    if ((await readJson(response))?.code === "bad_token" && !this.isEnded) this.onUnpaired();
  }

  async #sent(path, options, patience) {
    try {
      const sent = await this.#send(path, options, patience);
      if (!isLater(sent.response.status) && !this.isEnded) this.onReached();
      return sent;
    } catch (error) {
      if (!this.isEnded) this.onUnreached(error.slow);
      throw error;
    }
  }

  async #send(path, options, patience) {
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, patience);
    this.#ended.signal.addEventListener("abort", stop);
    if (this.isEnded) stop();
    try {
      const response = await this.open(path, { ...options, signal: limit.signal });
      const isEmpty = response.status === 204 || response.status === 304;
      const answer = isEmpty ? null : await readJson(response);
      /* The limit may have cut it off; or whatever answered is not the service. */
      if (!isEmpty && (answer === null || (!response.ok && !answer.code)))
        throw unreachable(limit.signal.aborted);
      return { response, answer };
    } catch (error) {
      if (error instanceof DoorError) throw error;
      throw unreachable(limit.signal.aborted && !this.isEnded);
    } finally {
      clearTimeout(timer);
      this.#ended.signal.removeEventListener("abort", stop);
    }
  }

  #refuse(response, answer) {
    const { status } = response;
    if (response.ok || status === 304) return;
    if (status === 401 && answer.code === "bad_token" && this.token && !this.isEnded)
      this.onUnpaired();
    if (isLater(status) && !this.isEnded) this.onUnreached(true);
    throw new DoorError({ ...answer, status }, { later: isLater(status), slow: true });
  }
}
