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

-- A trigger refuses to change an entry (functions/audit.sql).
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
