// What is fetched every now and then: each task when it is due, again with growing pauses when it
// failed, and at once what is overdue when the service is there again.
import { Pauses } from './pauses.js';

export class Upkeep {
    #tasks = new Map();
    #isEnded = false;
    #isUp;

    // isUp() → whether it makes sense to try
    constructor(isUp) {
        this.#isUp = isUp;
    }

    // Runs at once, then everyMs after it last succeeded.
    add(name, everyMs, work) {
        const task = { everyMs, work, pauses: new Pauses(), timer: null, running: null, again: false };
        this.#tasks.set(name, task);
        this.#run(task);
    }

    // Now, whenever it ran before; resolves when it was tried.
    now(name) {
        const task = this.#tasks.get(name);
        if (task.running) task.again = true; // what it fetches may be older than what has just changed
        return this.#run(task);
    }

    // Resolves when what is under way has been tried.
    settled(name) {
        return this.#tasks.get(name).running;
    }

    // The service is there again.
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
            pauseMs = Math.min(task.pauses.next(), task.everyMs); // whoever failed has said so already
        }
        if (!this.#isEnded) task.timer = setTimeout(() => this.#run(task), pauseMs);
    }
}
