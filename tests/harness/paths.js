// Where things are; a test reads nothing outside the repository but its own temporary files.
import { mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

// The program under test: built with sanitizers by tests/run, or another by EINLASS_BINARY.
export const program =
    process.env.EINLASS_BINARY ?? join(repository, 'build-tests/service/einlass');

// A directory that goes when the process does; other users may enter it (PostgreSQL is one).
export function temporaryDirectory() {
    const directory = mkdtempSync(join(tmpdir(), 'einlass-test-'));
    chmodSync(directory, 0o711);
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    return directory;
}
