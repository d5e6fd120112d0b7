-- Organisers, the accounts that work for them, and the audit log.

create table organiser (
  organiser_id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 200),
  requires_second_factor boolean not null default false, -- of everybody who works for it
  created_at timestamptz not null default now()
);

-- What stands on every page and mail of an organiser.
create table organiser_profile (
  organiser_id uuid primary key references organiser on delete cascade,
  -- {"contact_email", "contact_phone", "website", "reply_to", "accent": "#2547c0", "imprint" and
  -- "privacy": {"de": Markdown or only an address}}; what is not given is absent.
  profile jsonb not null check (length(profile::text) <= 1000000),
  logo text, -- a picture
  logo_width integer, -- in pixels
  logo_height integer,
  version integer not null default 1,
  check ((logo is null) = (logo_width is null) and (logo is null) = (logo_height is null))
);

-- Pictures that organisers uploaded, written anew by the service. They stay when nothing shows them
-- any more, because mails have their address.
create table picture (
  name text primary key check (name ~ '^[0-9a-f]{32}[.](png|jpg)$'), -- a hash of the bytes
  bytes bytea not null check (length(bytes) <= 16 * 1024 * 1024),
  created_at timestamptz not null default now()
);

create table account (
  account_id uuid primary key,
  email text not null,
  email_key text not null unique, -- the address in lower case, its domain as A-labels
  is_proven boolean not null,     -- the address belongs to who uses the account (functions/members.sql)
  password_hash text,             -- argon2id, as libsodium writes it; null: signs in by links
  -- The second factor (RFC 6238). The keys of the service encrypt the secret.
  totp_secret text,               -- null: there is none
  totp_step bigint,               -- of the last code that was used: a code counts once
  created_at timestamptz not null default now(),
  check ((totp_secret is null) = (totp_step is null))
);

-- Codes to print for the day when the phone is lost. A code is deleted when it is used.
create table recovery_code (
  account_id uuid not null references account on delete cascade,
  hash bytea not null check (length(hash) = 32),
  primary key (account_id, hash)
);

create type role as enum ('owner', 'manager', 'door', 'viewer');

create table membership (
  membership_id uuid primary key default gen_random_uuid(),
  organiser_id uuid not null references organiser on delete cascade,
  account_id uuid not null references account on delete cascade,
  event_id uuid, -- null: all events of the organiser
  role role not null,
  created_at timestamptz not null default now(),
  unique nulls not distinct (organiser_id, account_id, event_id)
);
create index membership_account on membership (account_id);

-- Invitations into a team that wait. An invitation gives no rights and makes no account: the person
-- who accepts it becomes a member, and it is deleted.
create table team_invitation (
  invitation_id uuid primary key,
  organiser_id uuid not null references organiser on delete cascade,
  event_id uuid, -- null: all events of the organiser
  email text not null check (length(email) <= 320),
  email_key text not null,
  role role not null,
  is_mailed boolean not null, -- false: an owner passes the link on
  hash bytea unique check (length(hash) = 32), -- of the newest link; null: its mail is not written yet
  links integer not null default 1, -- that were mailed or shown: a form that is sent again makes none
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  unique nulls not distinct (organiser_id, email_key, event_id)
);
create index team_invitation_of_address on team_invitation (email_key);

-- Who is signed in at the desk. A session that ends is deleted.
create table session (
  session_id uuid primary key,
  account_id uuid not null references account on delete cascade,
  hash bytea not null unique check (length(hash) = 32), -- of the secret in the cookie
  device text not null check (length(device) <= 100),   -- "Firefox, Windows"
  by_link boolean not null,                             -- signed in by a link, not a password
  has_second_factor boolean not null default false,     -- a code was given
  created_at timestamptz not null default now(),
  last_used_at timestamptz not null default now()       -- to the minute
);
create index session_account on session (account_id);

-- Links that sign somebody in without a password. A link is deleted when it is used.
create table sign_in_link (
  hash bytea primary key check (length(hash) = 32),
  account_id uuid not null references account on delete cascade,
  expires_at timestamptz not null
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
  detail jsonb not null default '{}', -- also the address of an invitation
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
