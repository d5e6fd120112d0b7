-- Organisers, the accounts that work for them, and the audit log.

create table organiser (
  organiser_id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 200),
  created_at timestamptz not null default now()
);

create table account (
  account_id uuid primary key,
  email text not null,
  email_key text not null unique, -- the address in lower case, its domain as A-labels
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

-- Who changed what. A trigger refuses to change an entry (functions/audit.sql). What a person entered
-- stands only in `before` and `after`: erase_registration empties them. No secret stands anywhere.
create table audit_entry (
  organiser_id uuid not null references organiser,
  entry_id bigint not null generated always as identity,
  event_id uuid,
  registration_id uuid, -- whose data changed
  attendee_id uuid,
  subject_id uuid,      -- the device, token, account or message that changed
  at timestamptz not null default now(),
  -- "account ID", "token ID", "device ID", "guest" (by a link that was mailed to them) or "command".
  actor text not null,
  action text not null, -- "event.apply", "registration.cancel", "check_in.force"
  detail jsonb not null default '{}',
  before jsonb, -- the members that changed, as they were: {"name": "Ada", "answers.diet": "vegan"}
  after jsonb,
  primary key (organiser_id, entry_id)
);
-- The log of an organiser, without what guests did themselves, and by event, actor or action.
create index audit_entry_by_time on audit_entry (organiser_id, at, entry_id) where actor <> 'guest';
create index audit_entry_of_event on audit_entry (organiser_id, event_id, at, entry_id)
  where actor <> 'guest';
create index audit_entry_by_actor on audit_entry (organiser_id, actor, at, entry_id)
  where actor <> 'guest';
create index audit_entry_by_action on audit_entry (organiser_id, action, at, entry_id)
  where actor <> 'guest';
-- The history of a person.
create index audit_entry_of_person on audit_entry (event_id, registration_id, entry_id)
  where registration_id is not null;
