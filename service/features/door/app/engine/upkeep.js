// Periodic fetches. A task runs when it is due and retries with backoff. When the service is reachable
// again, overdue tasks run at once.
import { Pauses } from './pauses.js';

export class Upkeep {
    #tasks = new Map();
    #isEnded = false;
    #isUp;

    // isUp() → whether to try at all
    constructor(isUp) {
        this.#isUp = isUp;
    }

    // Runs the task at once, then everyMs after its last success.
    add(name, everyMs, work) {
        const task = { everyMs, work, pauses: new Pauses(), timer: null, running: null, again: false };
        this.#tasks.set(name, task);
        this.#run(task);
    }

    // Runs the task now; resolves after the attempt.
    now(name) {
        const task = this.#tasks.get(name);
        if (task.running) task.again = true; // the running fetch may miss the latest change
        return this.#run(task);
    }

    // Resolves when the running attempt has ended.
    settled(name) {
        return this.#tasks.get(name).running;
    }

    // The service is reachable again.
    catchUp() {
        for (const task of this.#tasks.values()) if (task.isOverdue) this.#run(task);
    }

    end() {
        this.#isEnded = true;
        for (const { timer } of this.#tasks.values()) clearTimeout(timer);
    }

    #run(task) {
        task.running ??= this.#try(task).finally(() => {
            task.running = null;
            if (!task.again) return;
            task.again = false;
            this.#run(task);
        });
        return task.running;
    }

    async #try(task) {
        clearTimeout(task.timer);
        let pauseMs = task.everyMs;
        try {
            if (this.#isEnded) return;
            task.isOverdue = true;
            if (this.#isUp()) {
                await task.work();
                task.isOverdue = false;
                task.pauses.reset();
            }
        } catch {
            pauseMs = Math.min(task.pauses.next(), task.everyMs); // the task has reported its failure
        }
        if (!this.#isEnded) task.timer = setTimeout(() => this.#run(task), pauseMs);
    }
}
