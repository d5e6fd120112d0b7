// The phone's storage: one IndexedDB database. A failed write calls onTrouble(true), the next success
// onTrouble(false). A failed write rejects with StorageError; the caller then keeps its data in memory.
// The database exists only while the phone is paired.
const LAYOUT_VERSION = 2;
const layout = {
    kept: {},
    guests: { keyPath: 'digest' },
    names: { keyPath: 'digest' },
    presence: { keyPath: 'key' },
    queue: { keyPath: ['order', 'nonce', 'kind'] },
};

export class StorageError extends Error {}

const done = (request) =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });

function finished(transaction) {
    return new Promise((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
}

// create false: → null if there is no database of this name
function openDatabase(name, create) {
    return new Promise((resolve, reject) => {
        const request = indexedDB.open(name, LAYOUT_VERSION);
        let isMissing = false;
        request.onupgradeneeded = ({ oldVersion }) => {
            isMissing = oldVersion === 0 && !create;
            if (isMissing) return request.transaction.abort();
            const has = request.result.objectStoreNames;
            for (const [store, options] of Object.entries(layout))
                if (!has.contains(store)) request.result.createObjectStore(store, options);
        };
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => (isMissing ? resolve(null) : reject(request.error));
    });
}

class Store {
    #database;
    #name;
    #onTrouble;
    #isClosed = false;

    constructor(name, database, onTrouble) {
        this.#name = name;
        this.#onTrouble = onTrouble;
        if (database) this.#take(database);
    }

    #take(database) {
        this.#database = database;
        // Another tab deletes the database and must not wait for this one.
        database.onversionchange = () => this.close();
        // Some browsers close the database of a sleeping page.
        database.onclose = () => (this.#database = null);
    }

    // Starts a transaction; reopens the database if the browser has closed it.
    async #begin(stores, mode, options) {
        if (this.#isClosed) throw new StorageError('forgotten');
        if (!this.#database) this.#take(await openDatabase(this.#name, true));
        return this.#database.transaction(stores, mode, options);
    }

    get(store, key) {
        return this.#read(store, (objects) => objects.get(key));
    }

    // → all records by key; undefined if unreadable
    getAll(store) {
        return this.#read(store, (objects) => objects.getAll());
    }

    async count(store) {
        return (await this.#read(store, (objects) => objects.count())) ?? 0;
    }

    async #read(store, work) {
        try {
            return await done(work((await this.#begin(store, 'readonly')).objectStore(store)));
        } catch {
            return undefined;
        }
    }

    // work(objects…) must make all its requests at once; they are one transaction. strict: resolves
    // when they are on the disk.
    async write(stores, work, { strict = false } = {}) {
        try {
            await this.#write(stores, work, { durability: strict ? 'strict' : 'default' });
        } catch (error) {
            if (!this.#isClosed) this.#onTrouble(true);
            throw new StorageError(error?.message ?? 'storage', { cause: error });
        }
        if (!this.#isClosed) this.#onTrouble(false);
    }

    async #write(stores, work, options) {
        const transaction = await this.#begin(stores, 'readwrite', options);
        const end = finished(transaction);
        end.catch(() => {});
        try {
            work(...stores.map((store) => transaction.objectStore(store)));
        } catch (error) {
            transaction.abort();
            throw error;
        }
        await end;
    }

    put(store, value, key) {
        return this.write([store], (objects) => objects.put(value, key));
    }

    close() {
        this.#isClosed = true;
        this.#database?.close();
        this.#database = null;
    }

    // Deletes the database. Other tabs close it by themselves.
    destroy() {
        this.close();
        return done(indexedDB.deleteDatabase(this.#name)).catch(() => {});
    }
}

// Asks the browser not to delete the storage when it needs space. It may refuse.
export async function persist() {
    if (await navigator.storage?.persisted?.().catch(() => true)) return;
    await navigator.storage?.persist?.().catch(() => {});
}

// → null if create is false and there is no database. In a browser without storage all writes fail.
export async function openStore(name, { create, onTrouble }) {
    let database = null;
    try {
        database = await openDatabase(name, create);
    } catch {
        onTrouble(true);
    }
    if (!database && !create) return null;
    return new Store(name, database, onTrouble);
}
