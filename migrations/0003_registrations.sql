-- Registrations, their attendees and the attendees' tickets.

create type registration_status as enum ('unverified', 'pending', 'waitlisted', 'confirmed',
  'cancelled');

create table registration (
  event_id uuid not null references event on delete cascade,
  registration_id uuid not null,
  number integer not null check (number >= 1), -- the order of arrival within the event
  version integer not null default 1, -- grows with each change of the registration or its attendees
  status registration_status not null,
  -- While waitlisted: the ticket type that is full; '': the event; '-': neither has enough places for
  -- all of its attendees, even when it is empty.
  waits_for text,
  held_until timestamptz, -- an unverified registration expires then
  email text not null,
  email_key text not null,
  once_per_email boolean not null,
  verified boolean not null default true, -- somebody reads mail at the address
  declined boolean not null default false,
  -- Letters may go to addresses that it names: somebody opened a link that was mailed to its address,
  -- or an organiser typed them.
  vouched boolean not null default false,
  source text, -- a keyed hash of where these addresses were typed; null: no limit
  language text not null,
  consents jsonb not null default '[]', -- [{slug, version, given_at, withdrawn_at}], oldest first
  fingerprint bytea not null, -- of the request: an idempotency key has one body
  -- Who registered this person, who has taken the place over since. Null: the person did.
  registered_by uuid,
  link_version integer not null default 0, -- grows with the address: former manage links end
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  erased_at timestamptz, -- when its personal data was deleted
  unique (event_id, number),
  check ((status = 'waitlisted') = (waits_for is not null)),
  constraint only_unverified_are_held check (held_until is null or status = 'unverified'),
  constraint erased_is_empty check (erased_at is null or (email = '' and consents = '[]'))
);
-- The planner prefers the newest index if costs are equal, as in an empty table. Such a plan must
-- not look up registrations by (event_id, number). So the primary key is added last.
alter table registration add primary key (event_id, registration_id);
create unique index registration_once_per_email on registration (event_id, email_key)
  where once_per_email and status <> 'cancelled';
create index registration_waiting on registration (event_id, number) where status = 'waitlisted';
-- The queue of the event, and one of each ticket type (functions/move_up.sql).
create index registration_queue on registration (event_id, waits_for, number)
  where status = 'waitlisted';
create index registration_held on registration (held_until) where status = 'unverified';
-- Finds registrations by address. registration_once_per_email finds those with once_per_email, so a
-- sign-up updates only one of the two indexes.
create index registration_by_email on registration (event_id, email_key)
  where not once_per_email and status <> 'cancelled';
create index registration_declined on registration (event_id, email_key) where declined;

create index registration_of_companion on registration (event_id, registered_by)
  where registered_by is not null;

create table attendee (
  event_id uuid not null,
  attendee_id uuid not null,
  registration_id uuid not null,
  position integer not null check (position >= 1), -- within the registration
  ticket_type text not null,
  status registration_status not null,
  name text not null check (length(name) between 1 and 200),
  email text,
  answers jsonb not null default '{}',
  search text not null, -- name, e-mail and text answers, by search_text()
  first_admitted_at timestamptz,
  days date[] not null default '{}', -- the days of the event on which they came, ascending
  inside boolean not null default false, -- on the last of these days
  seen_at timestamptz, -- time of the newest scan in or out
  seen_door text,      -- door of that scan
  handed_on_by uuid, -- the attendee who handed the ticket on to this one, and is cancelled since
  link_version integer not null default 0, -- as in registration, for the link of a companion
  primary key (event_id, attendee_id),
  foreign key (event_id, registration_id) references registration on delete cascade,
  foreign key (event_id, ticket_type) references ticket_type,
  check (not inside or first_admitted_at is not null),
  check ((first_admitted_at is null) = (days = '{}'))
);
-- It has no event_id: before the first analyze, the planner would use it for lookups by (event_id,
-- attendee_id) and read all attendees of the event.
create index attendee_of_registration on attendee (registration_id, position);
-- Those who came, the newest first, also at some doors; and those of them who have no place any more.
create index attendee_came on attendee (event_id, first_admitted_at, seen_door)
  where first_admitted_at is not null;
create index attendee_came_and_gone on attendee (event_id)
  where first_admitted_at is not null and status <> 'confirmed';
create unique index attendee_handed_on on attendee (event_id, handed_on_by)
  where handed_on_by is not null;
create index attendee_by_own_email on attendee (event_id, lower(email)) where email is not null;

-- One row for functions/counts.sql. sign is 1 for a new row, -1 for an old row.
create type registration_change as (event_id uuid, number integer, waits_for text, sign integer);
create type attendee_change as (
  event_id uuid, ticket_type text, status registration_status, days date[],
  inside boolean, sign integer
);

-- The index behind of the attendee list (functions/attendee_search.sql). A job writes it.
create extension if not exists pg_trgm;

create table attendee_search (
  event_id uuid not null references event on delete cascade,
  attendee_id uuid not null,
  number integer not null, -- of the registration
  position integer not null,
  status registration_status not null,
  ticket_type text not null,
  surname text not null collate "C",
  email_key text not null,
  text text not null, -- attendee.search
  facts jsonb not null, -- attendee_facts()
  primary key (event_id, attendee_id)
);
create index attendee_search_by_number on attendee_search (event_id, number, position);
create index attendee_search_by_name on attendee_search (event_id, surname, number, position);
create index attendee_search_by_ticket_type
  on attendee_search (event_id, ticket_type, number, position);
create index attendee_search_by_email on attendee_search (event_id, email_key);
create index attendee_search_by_word on attendee_search 
  using gin (text gin_trgm_ops, facts jsonb_path_ops);

-- Registrations up to this number are in attendee_search.
create table attendee_search_progress (
  event_id uuid primary key references event on delete cascade,
  number integer not null check (number >= 0),
  letters text not null, -- all that attendee_search has; more than 200: not all
  consent_sets text[] not null -- as attendee_facts() writes them, all that it has; 100: not all
);

-- Attendees that changed since. A sign-up notes nothing here.
create table attendee_changed (
  event_id uuid not null references event on delete cascade,
  change bigint not null generated always as identity,
  attendee_id uuid not null,
  primary key (event_id, change)
);

create table ticket (
  event_id uuid not null,
  ticket_id uuid not null,
  attendee_id uuid not null,
  issued_at timestamptz not null default now(),
  expires_at timestamptz not null, -- the claim exp of its token
  replaced_at timestamptz,
  primary key (event_id, ticket_id),
  foreign key (event_id, attendee_id) references attendee on delete cascade
);
create unique index ticket_of_attendee on ticket (event_id, attendee_id) where replaced_at is null;

-- What organisers note about an attendee. It is personal data of the attendee.
create table note (
  event_id uuid not null,
  attendee_id uuid not null,
  note_id uuid not null,
  text text not null check (length(text) between 1 and 5000),
  written_by text not null, -- as the actor in audit_entry
  written_at timestamptz not null default now(),
  primary key (event_id, attendee_id, note_id),
  foreign key (event_id, attendee_id) references attendee on delete cascade
);

-- Whose personal data was deleted. The service appends each to a list outside the database, so that it
-- can be deleted again after a restore (functions/erase.sql).
create table erasure (
  event_id uuid not null references event on delete cascade,
  registration_id uuid not null,
  -- Of what an older database holds apart from the registration: the invitations, and an attendee
  -- who took the place over from another registration.
  also uuid[] not null,
  erased_at timestamptz not null default now(),
  is_listed boolean not null default false,
  primary key (event_id, registration_id)
);
create index erasure_not_listed on erasure (erased_at) where not is_listed;

-- Tickets that admit nobody any more, for phones without a connection. The number is given under the
-- lock on the tally, so no ticket appears later with a smaller number (functions/revoke.sql).
create table revoked_ticket (
  event_id uuid not null references event on delete cascade,
  number integer not null check (number >= 1),
  ticket_id uuid not null,
  state text not null check (state in ('replaced', 'cancelled')),
  primary key (event_id, number)
);

-- One change of many attendees at once, for an organiser. It is a draft until the organiser confirms
-- it. Then it is a job (service/jobs/job.h), which works in portions.
create type bulk_verb as enum ('approve', 'decline', 'cancel', 'move_up', 'resend');
create type bulk_state as enum ('draft', 'queued', 'working', 'done', 'failed');

create table bulk_action (
  event_id uuid not null references event on delete cascade,
  bulk_id uuid not null,
  verb bulk_verb not null,
  state bulk_state not null default 'draft',
  actor text not null, -- as in audit_entry
  tells boolean not null default true, -- the guests get letters
  words text check (length(words) <= 5000), -- the organiser's own, in the letters
  total integer not null default 0,
  done_to integer not null default 0, -- the items up to this ordinal have their outcome
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  reason text, -- why the last attempt ended
  created_at timestamptz not null default now(),
  started_at timestamptz, -- confirmed
  ended_at timestamptz,
  primary key (event_id, bulk_id),
  check (done_to between 0 and total)
);
create index bulk_action_due on bulk_action (due_at) where state in ('queued', 'working');
create index bulk_action_draft on bulk_action (created_at) where state = 'draft';

-- The attendees that it is about, in the order of registration.
create table bulk_item (
  event_id uuid not null,
  bulk_id uuid not null,
  ordinal integer not null check (ordinal >= 1),
  attendee_id uuid not null,
  registration_id uuid not null,
  outcome text, -- functions/bulk.sql has the words; null: not yet
  primary key (event_id, bulk_id, ordinal),
  foreign key (event_id, bulk_id) references bulk_action on delete cascade
);

-- The columns of the attendee list that an account has chosen for an event: keys with commas.
create table list_columns (
  event_id uuid not null references event on delete cascade,
  account_id uuid not null,
  columns text not null check (length(columns) <= 20000),
  primary key (event_id, account_id)
);
