-- Events: their definitions, counts, ticket types, doors and API tokens. The key of every table of
-- an event starts with event_id, so that the database can be partitioned or sharded by event.
-- Constraints hold the rules that must never break.

create table event (
  event_id uuid primary key,
  organiser_id uuid not null references organiser,
  -- Ids of registrations contain it, so that a link identifies its event (service/base/id.h).
  number integer not null generated always as identity unique,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  version integer not null default 1, -- of the definition; grows with every change of it
  -- SQL decides by these columns. service/event/apply.sql derives them.
  published boolean not null,
  cancelled boolean not null,
  timezone text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  daily boolean not null default true, -- tickets admit anew each day (functions/event_days.sql)
  registration_opens_at timestamptz,
  registration_closes_at timestamptz,
  waiting_list boolean not null,
  once_per_email boolean not null,
  approval boolean not null,
  verify_hours integer not null check (verify_hours between 1 and 720),
  reminder_hours integer not null check (reminder_hours between 0 and 720),
  asked jsonb not null default '[]', -- functions/asked_ever.sql
  reminded_for timestamptz, -- the start that the last reminder named
  -- The link with which colleagues see a draft (service/event/links.h). Each one has the next number.
  preview integer not null default 0,
  has_preview boolean not null default false, -- the newest link was not revoked
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  check (starts_at < ends_at),
  check (registration_opens_at < registration_closes_at)
);

-- The picture on the page of an event. It is not part of the definition.
create table event_picture (
  event_id uuid primary key references event on delete cascade,
  picture text not null, -- its name in the table picture
  width integer not null check (width > 0), -- in pixels
  height integer not null check (height > 0),
  alt jsonb not null -- what it shows, by language
);

-- The definition of an event is one document (service/event/event_file.h). Every version stays, and
-- the newest one counts. A newer program may have written members that this program does not know.
create table event_version (
  event_id uuid not null references event on delete cascade,
  version integer not null check (version >= 1),
  definition jsonb not null,
  actor text not null, -- its author, as in audit_entry
  at timestamptz not null default now(),
  primary key (event_id, version)
);
alter table event add foreign key (event_id, version) references event_version;

-- The capacity and counts of an event, one row an event. A transaction that changes attendees or
-- scans of an event locks this row first. A transaction with several events locks them in the order
-- of event_id. Triggers keep the counts (functions/counts.sql). The constraint refuses to give a
-- place twice.
--
-- over_capacity counts the places that staff at the door gave beyond the capacity. Only
-- functions/sign_up.sql raises it. It shrinks when places are given back or
-- added, and never exceeds taken - capacity. So other statements find no free place.
create table tally (
  event_id uuid primary key references event on delete cascade,
  capacity integer check (capacity >= 0),                  -- null: unlimited
  over_capacity integer not null default 0 check (over_capacity >= 0),
  taken integer not null default 0 check (taken >= 0),     -- attendees who hold a place
  confirmed integer not null default 0 check (confirmed between 0 and taken),
  waiting integer not null default 0 check (waiting >= 0), -- registrations that wait for this capacity
  waitlisted integer not null default 0 check (waitlisted >= 0), -- registrations that wait for any
  kept integer not null default 0 check (kept >= 0), -- places for the invited (functions/invitation.sql)
  moving boolean not null default false, -- move_up stopped at its bound and goes on later
  pending integer not null default 0 check (pending >= 0), -- attendees who wait for approval
  queued integer not null default 0 check (queued >= 0), -- attendees on the waiting list
  cancelled integer not null default 0 check (cancelled >= 0), -- attendees
  revoked integer not null default 0, -- the number of the newest revoked_ticket; phones watch it
  registrations integer not null default 0, -- the number of the newest one
  constraint places_of_the_event check (taken <= capacity + over_capacity)
) with (fillfactor = 50);
create index tally_moving on tally (event_id) where moving;

-- The days of an event, in local dates (functions/event_days.sql). Days of earlier definitions stay
-- for their counts. They change only under the lock on the tally.
create table event_day (
  event_id uuid not null references event on delete cascade,
  day date not null,
  admitted integer not null default 0 check (admitted >= 0), -- attendees who came on this day
  inside integer not null default 0 check (inside between 0 and admitted),
  primary key (event_id, day)
) with (fillfactor = 50);

create table ticket_type (
  event_id uuid not null references event on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  capacity integer check (capacity >= 0),
  over_capacity integer not null default 0 check (over_capacity >= 0), -- as in tally
  has_code boolean not null default false, -- it needs its access code
  approval boolean not null default false,
  days date[], -- it admits on these days only; null: on all days of the event
  taken integer not null default 0 check (taken >= 0),
  confirmed integer not null default 0 check (confirmed between 0 and taken),
  waiting integer not null default 0 check (waiting >= 0),
  kept integer not null default 0 check (kept >= 0),
  primary key (event_id, slug),
  constraint places_of_the_ticket_type check (taken <= capacity + over_capacity)
) with (fillfactor = 50);

create table door (
  event_id uuid not null references event on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  ticket_types text[], -- null: all of them
  open boolean not null default true, -- false: the definition has it no more; its scans stay
  primary key (event_id, slug)
);

create table api_token (
  organiser_id uuid not null references organiser on delete cascade,
  token_id uuid not null,
  event_id uuid references event on delete cascade, -- null: all events of the organiser
  role role not null,
  name text not null default '' check (length(name) <= 100),
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null default now(),
  expires_at timestamptz, -- null: never
  last_used_on date, -- in UTC
  revoked_at timestamptz,
  primary key (organiser_id, token_id)
);

alter table membership add foreign key (event_id) references event on delete cascade;
alter table team_invitation add foreign key (event_id) references event on delete cascade;
