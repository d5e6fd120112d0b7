-- Events: the definition, the places, and what belongs to an event before anybody signs up. Every
-- table of an event has event_id first in its key, so that the database can be partitioned or
-- sharded by event. What must never break is a constraint.

create table event (
  event_id uuid primary key,
  organiser_id uuid not null references organiser,
  -- The ids of registrations contain it, so that a link tells its event (service/base/id.h).
  number integer not null generated always as identity unique,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  version integer not null default 1, -- grows with every change of the definition
  published boolean not null default true,
  cancelled boolean not null default false,
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
  changes_until timestamp, -- attendees may edit their details until then; null: the start
  check_in_opens_at timestamp,
  check_in_closes_at timestamp,
  waiting_list boolean not null,
  once_per_email boolean not null,
  approval boolean not null,
  verify_email boolean not null,
  verify_hours integer not null default 24 check (verify_hours between 1 and 720),
  most_attendees integer not null check (most_attendees between 1 and 100),
  reminder_hours integer not null default 24 check (reminder_hours between 0 and 720),
  reminded_for timestamptz, -- the start that people have been reminded of
  reply_to text check (length(reply_to) <= 320),
  embed_on text[] not null default '{}' check (cardinality(embed_on) <= 20),
  retention_days integer check (retention_days between 0 and 3650),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  check (starts_at < ends_at),
  check (registration_opens_at < registration_closes_at),
  check (check_in_opens_at < check_in_closes_at)
);

-- The one row of an event that decides. A transaction that changes attendees or scans of an event
-- locks this row first; one that needs several locks them in the order of event_id. Triggers keep
-- the counts (functions/counts.sql). The checks make it impossible to give away a place twice.
--
-- over_capacity counts the places that staff gave beyond the capacity to people at the door
-- (service/features/registration/walk_in.sql). No other statement raises it. It shrinks as places
-- are given back or added, and is never more than what is taken beyond the capacity. So every other
-- way of giving places finds none left, and the constraint refuses.
create table tally (
  event_id uuid primary key references event on delete cascade,
  capacity integer check (capacity >= 0),                  -- null: without limit
  over_capacity integer not null default 0 check (over_capacity >= 0),
  taken integer not null default 0 check (taken >= 0),     -- attendees who hold a place
  confirmed integer not null default 0 check (confirmed between 0 and taken),
  waiting integer not null default 0 check (waiting >= 0), -- attendees who wait for this capacity
  waitlisted integer not null default 0 check (waitlisted >= 0), -- registrations that wait for any
  cancelled integer not null default 0 check (cancelled >= 0), -- attendees; phones at the door watch it
  registrations integer not null default 0, -- the number of the newest one
  admitted integer not null default 0 check (admitted >= 0), -- attendees who came
  inside integer not null default 0 check (inside between 0 and admitted),
  constraint places_of_the_event check (taken <= capacity + over_capacity)
) with (fillfactor = 50);

create table ticket_type (
  event_id uuid not null references event on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  position integer not null,
  title jsonb not null,
  capacity integer check (capacity >= 0),
  over_capacity integer not null default 0 check (over_capacity >= 0), -- as in tally
  code text, -- an access code that opens it; null: open to all
  approval boolean not null default false,
  taken integer not null default 0 check (taken >= 0),
  waiting integer not null default 0 check (waiting >= 0),
  primary key (event_id, slug),
  constraint places_of_the_ticket_type check (taken <= capacity + over_capacity)
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
  at_door boolean not null default false,
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
