-- Registrations, their attendees and the attendees' tickets.

create type registration_status as enum ('unverified', 'pending', 'waitlisted', 'confirmed',
  'cancelled');

create table registration (
  event_id uuid not null references event on delete cascade,
  registration_id uuid not null,
  number integer not null check (number >= 1), -- the order of arrival within the event
  version integer not null default 1, -- grows with each change of it or its attendees
  status registration_status not null,
  held_until timestamptz, -- an unverified one gives its places back then
  email text not null,
  email_key text not null,
  once_per_email boolean not null,
  verified boolean not null default true, -- whether somebody reads mail at that address
  language text not null,
  consents jsonb not null default '[]', -- [{slug, version}] as agreed to, at created_at
  fingerprint bytea not null, -- of the request: the same idempotency key with another body is an error
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  erased_at timestamptz, -- its personal data was deleted then
  unique (event_id, number),
  constraint only_unverified_are_held check (held_until is null or status = 'unverified'),
  constraint erased_is_empty check (erased_at is null or (email = '' and consents = '[]'))
);
-- The planner takes the newest index where costs are equal, as they are while the table is empty. A
-- plan made then must not look for registrations by (event_id, number). Within the table the
-- primary key would be the older one.
alter table registration add primary key (event_id, registration_id);
create unique index registration_once_per_email on registration (event_id, email_key)
  where once_per_email and status <> 'cancelled';
create index registration_waiting on registration (event_id, number) where status = 'waitlisted';
create index registration_held on registration (held_until) where status = 'unverified';
-- Registrations by address. Where an address registers once, registration_once_per_email finds it,
-- so that a sign-up pays for one of the two.
create index registration_by_email on registration (event_id, email_key)
  where not once_per_email and status <> 'cancelled';

create table attendee (
  event_id uuid not null,
  attendee_id uuid not null,
  registration_id uuid not null,
  position integer not null check (position >= 1), -- within the registration
  ticket_type text not null,
  status registration_status not null,
  waits_for text, -- while waitlisted: the ticket type whose places it waits for, '' the event's
  name text not null check (length(name) between 1 and 200),
  email text,
  answers jsonb not null default '{}',
  search text not null, -- name, e-mail and text answers folded, see text_fold()
  first_admitted_at timestamptz,
  inside boolean not null default false,
  seen_at timestamptz, -- the newest scan that let in or out
  seen_door text,      -- where that was
  primary key (event_id, attendee_id),
  foreign key (event_id, registration_id) references registration on delete cascade,
  foreign key (event_id, ticket_type) references ticket_type,
  check ((status = 'waitlisted') = (waits_for is not null)),
  check (not inside or first_admitted_at is not null)
);
-- Without event_id: next to the primary key, and before the first analyze, the planner would take
-- this index for a lookup by (event_id, attendee_id) and read all attendees of the event.
create index attendee_of_registration on attendee (registration_id, position);
-- Few have an address of their own, and check-in does not touch it.
create index attendee_by_own_email on attendee (event_id, lower(email)) where email is not null;
-- Phones at the door learn of these.
create index attendee_cancelled on attendee (event_id) where status = 'cancelled';

-- One attendee as functions/counts.sql counts it: sign is 1 for a new row, -1 for an old one.
create type attendee_change as (
  event_id uuid, ticket_type text, status registration_status, waits_for text, came boolean,
  inside boolean, sign integer
);

create table ticket (
  event_id uuid not null,
  ticket_id uuid not null,
  attendee_id uuid not null,
  issued_at timestamptz not null default now(),
  expires_at timestamptz not null, -- the claim exp: the token is a function of this row and a key
  replaced_at timestamptz,
  primary key (event_id, ticket_id),
  foreign key (event_id, attendee_id) references attendee on delete cascade
);
create unique index ticket_of_attendee on ticket (event_id, attendee_id) where replaced_at is null;
-- A phone without a connection must refuse these.
create index ticket_replaced on ticket (event_id, replaced_at) where replaced_at is not null;
