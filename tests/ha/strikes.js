// Runs tests/ha/story.js apart from the networks of this machine.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { run } from '../harness/command.js';
import { repository, temporaryDirectory } from '../harness/paths.js';
import { apart, canBeApart } from './machines.js';

const STORY_MS = 1_000_000;

// Lets these faults, or all, strike. → the figures of each: {fault, acknowledged, lost, doubled, oversold,
// pauseMs, unanswered, refused}
export async function strikes(names = []) {
    const story = join(repository, 'tests/ha/story.js');
    const [word, ...words] = apart([process.execPath, story, temporaryDirectory(), ...names]);
    const { status, stdout, stderr } = await run(word, words,
        { timeoutMs: STORY_MS, environment: { EINLASS_APART: canBeApart() ? '1' : '' } });
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    return stdout.trim().split('\n').map((line) => JSON.parse(line));
}
