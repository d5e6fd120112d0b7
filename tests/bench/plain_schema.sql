-- The yardstick: the tables that most people would write for sign-ups and check-ins, without Einlass. One
-- row of an event counts its places, one row is a registration, one a message to be sent, one a scan.
-- Where there is a choice, it is the cheaper one: only the event is referenced, few indexes, no triggers.
create schema plain;

create table plain.event (
  event_id integer primary key,
  capacity integer not null,
  taken integer not null default 0
);

create table plain.registration (
  registration_id uuid primary key default gen_random_uuid(),
  event_id integer not null references plain.event,
  email text not null,
  name text not null,
  language text not null,
  answers jsonb not null,
  consents jsonb not null,
  status text not null,
  admitted_at timestamptz,
  created_at timestamptz not null default now(),
  unique (event_id, email)
);

create table plain.message (
  message_id bigint generated always as identity primary key,
  registration_id uuid not null,
  kind text not null,
  state text not null default 'queued',
  created_at timestamptz not null default now()
);

create table plain.scan (
  scan_id bigint generated always as identity primary key,
  registration_id uuid not null,
  door text not null,
  scanned_at timestamptz not null default now()
);

-- The first one is the hot event.
insert into plain.event (event_id, capacity) select n, 10000000 from generate_series(1, 1000) as n;
