// Paths. A test reads only the repository and its own temporary files.
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

// The program under test: built with sanitizers by tests/run, or another by EINLASS_BINARY.
export const program =
    process.env.EINLASS_BINARY ?? join(repository, 'build-tests/service/einlass');

// → a directory that is removed when the process ends. Other users (PostgreSQL) may enter it.
export function temporaryDirectory() {
    const directory = mkdtempSync(join(tmpdir(), 'einlass-test-'));
    chmodSync(directory, 0o711);
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    return directory;
}
