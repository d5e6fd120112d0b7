-- The data of Einlass. Every table that belongs to an event carries event_id first in its key, so
-- that the database can be partitioned or sharded by event. What must never break is a constraint.

create table organiser (
  organiser_id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);

create table account (
  account_id uuid primary key,
  email text not null,
  email_key text not null unique, -- lower case, domain as A-labels: what makes it the same address
  password_hash text not null,    -- argon2id, as libsodium writes it
  created_at timestamptz not null default now()
);

create type role as enum ('owner', 'manager', 'door', 'viewer');

create table membership (
  organiser_id uuid not null references organiser on delete cascade,
  account_id uuid not null references account on delete cascade,
  role role not null,
  created_at timestamptz not null default now(),
  primary key (organiser_id, account_id)
);

create table event (
  event_id uuid primary key,
  organiser_id uuid not null references organiser,
  -- Stands in the ids of registrations, so that a link tells its event (service/base/id.h).
  number integer not null generated always as identity unique,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  version integer not null default 1, -- grows with every change of the definition
  published boolean not null default true,
  title jsonb not null,   -- texts: an object by language
  summary jsonb,
  description jsonb,      -- Markdown
  venue jsonb,
  languages text[] not null check (cardinality(languages) between 1 and 8),
  timezone text not null,
  starts_at timestamp not null, -- times as the organiser wrote them, local to the time zone
  ends_at timestamp not null,
  registration_opens_at timestamp,
  registration_closes_at timestamp,
  check_in_opens_at timestamp,
  check_in_closes_at timestamp,
  waiting_list boolean not null,
  once_per_email boolean not null,
  approval boolean not null,
  verify_email boolean not null,
  most_attendees integer not null check (most_attendees between 1 and 100),
  retention_days integer check (retention_days between 0 and 3650),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  check (starts_at < ends_at),
  check (registration_opens_at < registration_closes_at),
  check (check_in_opens_at < check_in_closes_at)
);

-- The one row of an event that decides: whoever changes attendees or scans of an event locks it
-- first, whoever wants several locks them in the order of event_id. The counts are kept by
-- triggers, the checks make it impossible to give away a place twice.
create table tally (
  event_id uuid primary key references event on delete cascade,
  capacity integer check (capacity >= 0),                  -- null: without limit
  taken integer not null default 0 check (taken >= 0),     -- attendees who hold a place
  confirmed integer not null default 0 check (confirmed between 0 and taken),
  waiting integer not null default 0 check (waiting >= 0), -- attendees who wait for this capacity
  waitlisted integer not null default 0 check (waitlisted >= 0), -- registrations that wait at all
  registrations integer not null default 0, -- the number the newest one got
  admitted integer not null default 0 check (admitted >= 0), -- attendees who came
  inside integer not null default 0 check (inside between 0 and admitted),
  constraint places_of_the_event check (taken <= capacity)
) with (fillfactor = 50);

create table ticket_type (
  event_id uuid not null references event on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  position integer not null,
  title jsonb not null,
  capacity integer check (capacity >= 0),
  code text, -- an access code that opens it; null: open to all
  approval boolean not null default false,
  taken integer not null default 0 check (taken >= 0),
  waiting integer not null default 0 check (waiting >= 0),
  primary key (event_id, slug),
  constraint places_of_the_ticket_type check (taken <= capacity)
) with (fillfactor = 50);

create type question_kind as enum ('text', 'long_text', 'choice', 'several', 'yes_no', 'number',
  'date', 'email', 'phone', 'country');

create table question (
  event_id uuid not null references event on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'),
  position integer not null,
  label jsonb not null,
  hint jsonb,
  kind question_kind not null,
  required boolean not null,
  on_badge boolean not null default false,
  choices jsonb,  -- [{slug, label}], for choice and several
  shown_if jsonb, -- {slug of an earlier question: the answer that shows this one}
  primary key (event_id, slug),
  check ((kind in ('choice', 'several')) = (choices is not null))
);

create table consent (
  event_id uuid not null references event on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  version integer not null check (version >= 1),
  position integer not null,
  required boolean not null,
  label jsonb not null,
  current boolean not null default true, -- earlier wordings stay, people agreed to them
  primary key (event_id, slug, version)
);
create unique index consent_current on consent (event_id, slug) where current;

create table door (
  event_id uuid not null references event on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  position integer not null,
  title jsonb not null,
  ticket_types text[], -- null: all of them
  open boolean not null default true, -- a door taken out of the event file stays for its scans
  primary key (event_id, slug)
);

create table api_token (
  organiser_id uuid not null references organiser on delete cascade,
  token_id uuid not null,
  event_id uuid references event on delete cascade, -- null: all events of the organiser
  role role not null,
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  primary key (organiser_id, token_id)
);

create table device (
  event_id uuid not null,
  device_id uuid not null,
  door text not null,
  pairing_hash bytea unique check (length(pairing_hash) = 32), -- gone once it was used
  pairing_until timestamptz,
  token_hash bytea unique check (length(token_hash) = 32),     -- there once it was paired
  name text not null default '' check (length(name) <= 100),
  created_at timestamptz not null default now(),
  paired_at timestamptz,
  revoked_at timestamptz,
  primary key (event_id, device_id),
  foreign key (event_id, door) references door on delete cascade,
  check ((token_hash is null) = (paired_at is null))
);

create type registration_status as enum ('unverified', 'pending', 'waitlisted', 'confirmed',
  'cancelled');

create table registration (
  event_id uuid not null references event on delete cascade,
  registration_id uuid not null,
  number integer not null check (number >= 1), -- the order of arrival within the event
  status registration_status not null,
  email text not null,
  email_key text not null,
  once_per_email boolean not null,
  verified boolean not null default true, -- whether somebody reads mail at that address
  language text not null,
  consents jsonb not null default '[]', -- [{slug, version}] as agreed to, at created_at
  fingerprint bytea not null, -- of the request: the same idempotency key with another body is an error
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  unique (event_id, number)
);
-- The newest index wins where costs are equal, as they are while the table is empty. A plan made
-- then must not look for registrations by (event_id, number).
alter table registration add primary key (event_id, registration_id);
create unique index registration_once_per_email on registration (event_id, email_key)
  where once_per_email and status <> 'cancelled';
create index registration_waiting on registration (event_id, number) where status = 'waitlisted';

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
  primary key (event_id, attendee_id),
  foreign key (event_id, registration_id) references registration on delete cascade,
  foreign key (event_id, ticket_type) references ticket_type,
  check ((status = 'waitlisted') = (waits_for is not null)),
  check (not inside or first_admitted_at is not null)
);
-- Without event_id: next to the primary key, and before the first analyze, the planner would take
-- this index for a lookup by (event_id, attendee_id) and read all attendees of the event.
create index attendee_of_registration on attendee (registration_id, position);

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

create type direction as enum ('in', 'out');

create type verdict as enum ('admitted', 'left', 'already_admitted', 'cancelled', 'not_confirmed',
  'wrong_event', 'wrong_door', 'too_early', 'too_late', 'replaced', 'forged', 'unknown');

create table scan (
  event_id uuid not null references event on delete cascade,
  nonce uuid not null, -- names the scan: the same one again is the same scan
  door text not null,
  direction direction not null,
  verdict verdict not null,
  ticket_id uuid,
  attendee_id uuid,
  scanned_at timestamptz not null,
  received_at timestamptz not null default now(),
  scanned_by uuid, -- device or API token
  forced boolean not null default false,
  reason text check (length(reason) <= 500),
  -- The answer that was given, to be given again.
  first_admitted_at timestamptz,
  expected integer not null,
  admitted integer not null,
  inside integer not null,
  primary key (event_id, nonce),
  foreign key (event_id, door) references door,
  check (not forced or reason is not null)
);
create index scan_of_attendee on scan (event_id, attendee_id, scanned_at)
  where verdict in ('admitted', 'left');

create type message_state as enum ('queued', 'sent', 'failed');

create table message (
  event_id uuid not null,
  message_id uuid not null,
  registration_id uuid not null,
  kind text not null check (kind in ('confirmed', 'waitlisted', 'pending', 'unverified', 'promoted',
    'cancelled', 'approved', 'declined', 'resent')),
  state message_state not null default 'queued',
  tries integer not null default 0,
  error text,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  primary key (event_id, registration_id, message_id), -- so that a registration's are found
  foreign key (event_id, registration_id) references registration on delete cascade
);
create index message_queue on message (created_at) where state = 'queued';

create table audit_entry (
  organiser_id uuid not null references organiser,
  entry_id bigint not null generated always as identity,
  event_id uuid,
  at timestamptz not null default now(),
  actor text not null,  -- "command", "token …", "device main"
  action text not null, -- "event.apply", "registration.cancel", "check_in.force"
  detail jsonb not null default '{}',
  primary key (organiser_id, entry_id)
);

-- A log that can be edited quietly is none.
create function audit_entry_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed';
end $$;
create trigger audit_entry_is_final before update or delete on audit_entry
  for each statement execute function audit_entry_is_final();
