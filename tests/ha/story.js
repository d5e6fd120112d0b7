// tests/ha/story.js DIRECTORY [FAULT...]: starts three machines and lets these faults, or all, strike them
// one after the other while guests sign up and walk in. Writes one line of JSON a fault on standard output.
import { Machines } from './machines.js';
import { HighHouse } from './guests.js';
import { faults } from './faults.js';
import { gatherCrowd } from '../faults/crowd.js';

const [directory, ...names] = process.argv.slice(2);

async function strike(house, name) {
    const { machines } = house;
    const crowd = await gatherCrowd(house, { guests: 12 });
    await crowd.goesOn();
    crowd.longestMs = crowd.lost = crowd.busy = 0;
    await faults[name]({ machines, crowd });
    await machines.areWhole();
    await crowd.goesOn();
    await crowd.leave();
    const broken = await house.broken(crowd);
    await crowd.keptPromises();
    return { fault: name, acknowledged: crowd.signUps.length + crowd.scans.length, ...broken,
        pauseMs: Math.round(crowd.longestMs), unanswered: crowd.lost, refused: crowd.busy };
}

const machines = new Machines(directory);
let status = 1;
try {
    await machines.start();
    const house = new HighHouse(machines);
    for (const name of names.length > 0 ? names : Object.keys(faults))
        console.log(JSON.stringify(await strike(house, name)));
    status = 0;
} catch (error) {
    console.error(error, await machines.state());
}
await machines.end();
process.exit(status);
