-- People whom an organiser asks to come to an event. What became of an invitation follows from facts: its
-- mails, the answer, the registrations (functions/invitation.sql). Nothing notes who opens a mail or a link.

create table invitation (
  event_id uuid not null references event on delete cascade,
  invitation_id uuid not null,
  name text not null default '' check (length(name) <= 200),
  email text not null check (length(email) <= 320),
  email_key text not null,
  language text not null,
  ticket_type text, -- null: the guest chooses among those that need no code
  good_for integer not null default 1 check (good_for between 1 and 100), -- registrations
  search text not null, -- name and address, by search_text()
  actor text not null, -- who put the person on the list, as in audit_entry
  created_at timestamptz not null default now(),
  declined_at timestamptz,
  word text check (length(word) <= 1000), -- with which the person said no
  withdrawn_at timestamptz,
  unique (event_id, email_key),
  check (word is null or declined_at is not null)
);
-- Added last, as in registration, so that a sign-up looks up its invitation by this key.
alter table invitation add primary key (event_id, invitation_id);

-- Registrations that were made with an invitation.
create table invitation_use (
  event_id uuid not null,
  registration_id uuid not null,
  invitation_id uuid not null,
  primary key (event_id, registration_id),
  foreign key (event_id, invitation_id) references invitation on delete cascade,
  foreign key (event_id, registration_id) references registration on delete cascade
);
create index invitation_use_of on invitation_use (event_id, invitation_id);

-- One click on "send": it writes to everybody who has no invitation yet, or reminds.
create type invitation_mail_kind as enum ('invitation', 'reminder');

create table invitation_sending (
  event_id uuid not null references event on delete cascade,
  sending_id uuid not null,
  kind invitation_mail_kind not null,
  words jsonb not null default '{}', -- the organiser's own, by language: {"de": "…"}
  actor text not null,
  created_at timestamptz not null default now(),
  primary key (event_id, sending_id)
);

-- The mails, as jobs (service/jobs/job.h). The service writes the text when it sends it.
create table invitation_mail (
  event_id uuid not null,
  mail_id uuid not null,
  invitation_id uuid not null,
  sending_id uuid not null,
  state message_state not null default 'queued',
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  code integer, -- the last reply of the mail server
  words text,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  primary key (event_id, mail_id),
  unique (event_id, invitation_id, sending_id),
  foreign key (event_id, invitation_id) references invitation on delete cascade,
  foreign key (event_id, sending_id) references invitation_sending on delete cascade
);
create index invitation_mail_due on invitation_mail (due_at) where state in ('queued', 'sending');

-- Places that are kept for invited people who have not answered, until a time. tally.kept and
-- ticket_type.kept have how many these are now.
create table kept_places (
  event_id uuid primary key references event on delete cascade,
  most integer check (most >= 1), -- null: as many as people are invited
  until timestamptz not null,
  ended boolean not null default false, -- the time is over, and the waiting list has moved up
  actor text not null,
  changed_at timestamptz not null default now()
);
create index kept_places_until on kept_places (until) where not ended;
