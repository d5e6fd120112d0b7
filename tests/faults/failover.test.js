// PostgreSQL's primary is killed on the machines that deploy/ha describes. "tests/run ha" breaks the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strikes } from '../ha/strikes.js';

test('when the primary is killed, a standby takes over with all that was acknowledged', async () => {
    const [{ acknowledged, lost, doubled, oversold }] = await strikes(['primary killed']);
    assert.deepEqual({ lost, doubled, oversold }, { lost: 0, doubled: 0, oversold: 0 });
    assert.ok(acknowledged > 0);
});
