// The desk's pages, for pages.js. The owner of the events is signed in.
const of = (event, below = '') => ({ slugs }) => `/desk/events/${slugs[event]}${below}`;

export const deskPages = [
    { name: 'desk, events', path: () => '/desk', shot: 'desk-events' },
    { name: 'desk, events not found', path: () => '/desk?q=nothing' },
    { name: 'desk, overview of an event to come', path: of('invited'), shot: 'desk-last-days' },
    { name: 'desk, overview on the day', path: of('live'), shot: 'desk-day' },
    { name: 'desk, overview of a past event', path: of('ended'), shot: 'desk-after' },
    { name: 'desk, live', path: of('live', '/live'), shot: 'desk-live' },
    { name: 'desk, live on a projector', path: of('live', '/live?projector=1'), shot: 'desk-projector' },
];
