-- A list of people that an organiser brings, until a day after its people were added. It is a draft
-- first; the organiser says what its columns mean, and a job reads it (service/jobs/job.h). Confirmed,
-- a job adds the people of its good lines.
create type import_state as enum ('draft', 'to_check', 'checking', 'checked', 'to_add', 'adding',
                                  'done', 'failed');

create table import (
  event_id uuid not null references event on delete cascade,
  import_id uuid not null,
  name text not null check (length(name) <= 300), -- of the file; '': it was pasted
  file bytea not null, -- as it came; empty once its people were added
  encoding text not null, -- the guessed one
  actor text not null, -- as in audit_entry
  state import_state not null default 'draft',
  rules jsonb, -- how it is read (service/features/import/line.h); null: not said yet
  read_to integer not null default 0, -- bytes of the file whose lines are stored
  next_line integer not null default 1, -- of the file, behind read_to
  tells boolean not null default true, -- the people get letters
  over_capacity text check (length(over_capacity) <= 500), -- why people beyond the capacity are added
  total integer not null default 0, -- people to add
  done_to integer not null default 0,
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  reason text, -- why the last attempt ended
  created_at timestamptz not null default now(),
  started_at timestamptz, -- confirmed
  ended_at timestamptz,
  primary key (event_id, import_id)
);
alter table import alter column file set storage external; -- pieces of it are read
create index import_due on import (due_at) where state in ('to_check', 'checking', 'to_add', 'adding');

-- The lines of a list that are not empty.
create table import_line (
  event_id uuid not null,
  import_id uuid not null,
  line integer not null check (line >= 1), -- of the file
  cells jsonb not null, -- texts
  outcome text not null, -- features/import/show.sql has the words
  reasons jsonb, -- why it is not added: [{"column", "text"}]
  name text,
  email_key text, -- null: it has no address
  ticket_type text,
  registration_id uuid, -- what it makes; null: it is not good
  other_line integer, -- the line with the same person
  attendee_id uuid, -- who is registered with the address, or was added
  primary key (event_id, import_id, line),
  foreign key (event_id, import_id) references import on delete cascade
);
