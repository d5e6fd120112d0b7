-- The outbox: messages to people about their registrations. The service writes the text of a
-- message when it sends it, from the data at that time, and does not store it.

-- 'held' waits until somebody opens a link that was mailed to who typed the recipient's address.
-- 'sending' with a past due_at: the worker that was sending it died, and the message is due again.
-- 'bounced': it was sent, and a mail server reported later that it did not arrive.
create type message_state as enum ('held', 'queued', 'sending', 'sent', 'failed', 'bounced',
                                  'obsolete');

create table message (
  event_id uuid not null,
  message_id uuid not null,
  registration_id uuid not null,
  attendee_id uuid, -- goes to the attendee's own address; null: to the registration's
  -- Null: the address above; else a former address, or for a test that of the organiser.
  recipient text check (length(recipient) <= 320),
  kind text not null check (kind in ('confirmed', 'waitlisted', 'promoted', 'pending', 'approved',
    'declined', 'unverified', 'expired', 'changed', 'cancelled', 'place_cancelled', 'handed_on',
    'handed_over', 'reminder', 'event_changed', 'event_cancelled', 'event_revived', 'resent',
    'already_registered', 'mailing', 'mailing_test')),
  mailing_id uuid, -- what an organiser wrote to many (0007_mailings.sql); else null
  -- Messages to all people of an event wait behind messages to one person.
  to_all boolean not null generated always as
    (kind in ('reminder', 'event_changed', 'event_cancelled', 'event_revived', 'mailing')) stored,
  about jsonb not null default '{}', -- names that the registration no longer has
  state message_state not null default 'queued',
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  code integer, -- the last reply of the mail server: 250, 451, 550
  words text,   -- the text of that reply, or why no server was asked
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  sent_at timestamptz,
  primary key (event_id, registration_id, message_id), -- finds the messages of a registration
  foreign key (event_id, registration_id) references registration on delete cascade
);
-- The list of an event's messages, the newest first. Each new message adds about 3 µs to it.
create index message_newest on message (event_id, created_at, message_id);
create index message_stuck on message (event_id, state, created_at, message_id)
  where state in ('held', 'failed', 'bounced', 'obsolete');
create index message_due on message (to_all, due_at) where state in ('queued', 'sending');
create index message_failed on message (event_id, created_at) where state in ('failed', 'bounced');

-- Letters with a link to the desk: to sign in, or to accept an invitation. The service makes the link
-- when it sends the letter. A row without an invitation says nothing about whether the address has an
-- account: the service looks for it only then.
create table sign_in_mail (
  mail_id uuid primary key,
  email text not null check (length(email) <= 320),
  email_key text not null,
  language text not null,
  target text not null, -- the page of the desk that the link leads to
  invitation_id uuid references team_invitation on delete cascade, -- null: they asked themselves
  state message_state not null default 'queued',
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  code integer,
  words text,
  created_at timestamptz not null default now()
);
create index sign_in_mail_due on sign_in_mail (due_at) where state in ('queued', 'sending');
create index sign_in_mail_of_invitation on sign_in_mail (invitation_id)
  where invitation_id is not null;
