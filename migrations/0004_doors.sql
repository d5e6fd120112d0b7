-- The devices at the doors and their scans.

-- staff scan, search, register walk-ins and admit despite a refusal; a scanner only scans.
create type device_role as enum ('staff', 'scanner');

create table device (
  event_id uuid not null,
  device_id uuid not null,
  door text not null,
  role device_role not null default 'staff',
  version integer not null default 1, -- grows with each change; a phone drops older answers
  pairing_hash bytea unique check (length(pairing_hash) = 32), -- null after use
  pairing_until timestamptz,
  token_hash bytea unique check (length(token_hash) = 32),     -- set when it is paired
  name text not null default '' check (length(name) <= 100),
  -- It stores the guests' names readable, so that it finds them without network.
  keeps_names boolean not null default false check (not keeps_names or role = 'staff'),
  created_at timestamptz not null default now(),
  paired_at timestamptz,
  -- What the phone told last.
  seen_at timestamptz,
  waiting integer check (waiting >= 0), -- scans that it has not sent yet
  battery integer check (battery between 0 and 100), -- percent; null: it does not say
  revoked_at timestamptz,
  primary key (event_id, device_id),
  foreign key (event_id, door) references door on delete cascade,
  check ((token_hash is null) = (paired_at is null))
);

create type direction as enum ('in', 'out');

create type verdict as enum ('admitted', 'left', 'already_admitted', 'cancelled', 'not_confirmed',
  'wrong_event', 'wrong_door', 'too_early', 'too_late', 'replaced', 'forged', 'unknown');

create table scan (
  event_id uuid not null references event on delete cascade,
  nonce uuid not null, -- the same nonce again is the same scan
  door text not null,
  direction direction not null,
  verdict verdict not null,
  decided verdict, -- verdict of a device without a connection; null: it was online
  -- The guest was let in and should not have been. It changes when a late scan tells more
  -- (functions/conflicts.sql).
  conflict boolean not null default false,
  late boolean not null default false, -- scans that happened later were here before
  -- The scan changes whether the attendee is inside. A guest that a device admitted without a
  -- connection is inside, even if another scan admitted the guest before.
  moves boolean not null generated always as
    (verdict in ('admitted', 'left')
     or verdict = 'already_admitted' and decided is not null and decided = 'admitted') stored,
  ticket_id uuid,
  attendee_id uuid,
  scanned_at timestamptz not null, -- as the device said
  -- The order of the attendee's scans. It is scanned_at, unless a clock was ahead
  -- (functions/clock_ahead.sql).
  happened_at timestamptz not null,
  day date not null, -- the day of the event that happened_at belongs to
  received_at timestamptz not null default now(),
  -- The order in which the live stream tells the scans of the event. It is the time of the last
  -- change, but always greater than that of all other scans, also after the clock was set back.
  told_at timestamptz not null,
  scanned_by uuid, -- device or API token
  forced boolean not null default false,
  reason text check (length(reason) <= 500),
  -- The answer: the same scan gets it again.
  first_admitted_at timestamptz,
  admitted_at timestamptz, -- when and where the guest came in
  admitted_door text,
  expected integer not null,
  admitted integer not null,
  inside integer not null,
  undone_at timestamptz,
  undone_by text,
  primary key (event_id, nonce),
  foreign key (event_id, door) references door,
  check (not forced or reason is not null)
);
create index scan_of_attendee on scan (event_id, attendee_id, happened_at)
  where moves and undone_at is null;
-- Finds new scans in order. told_at is given under the lock of the tally, so no scan appears later
-- with an earlier one. The condition is always true: it keeps a plan for an empty table from using
-- this index for lookups by (event_id, nonce), which would read all scans of the event.
create index scan_news on scan (event_id, told_at) where told_at is not null;
create index scan_in_conflict on scan (event_id, told_at) where conflict;

-- People whom staff let in without a ticket while their phone had no network. They are matched to
-- registrations later. They count as admitted when they are matched.
create type admission_state as enum ('open', 'matched', 'walk_in', 'dismissed');
create table noted_admission (
  event_id uuid not null references event on delete cascade,
  nonce uuid not null, -- the same nonce again is the same admission
  door text not null,
  device_id uuid not null,
  name text not null check (length(name) <= 200),
  search text not null, -- the name, by search_text()
  reason text not null check (length(reason) <= 500),
  admitted_at timestamptz not null, -- as the device said
  received_at timestamptz not null default now(),
  state admission_state not null default 'open',
  attendee_id uuid, -- who it was
  settled_at timestamptz,
  settled_by text,
  primary key (event_id, nonce),
  check ((state = 'open') = (settled_at is null)),
  check ((state in ('matched', 'walk_in')) = (attendee_id is not null))
);
create index noted_admission_open on noted_admission (event_id, admitted_at) where state = 'open';
create index noted_admission_of_attendee on noted_admission (event_id, attendee_id)
  where attendee_id is not null;
