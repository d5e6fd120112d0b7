-- The outbox: messages to people about their registrations. The text of a message is made when it
-- is sent, from what is true then, and is stored nowhere.

-- 'sending' with due_at passed: the service that was sending it died, and it is due again.
create type message_state as enum ('queued', 'sending', 'sent', 'failed', 'obsolete');

create table message (
  event_id uuid not null,
  message_id uuid not null,
  registration_id uuid not null,
  attendee_id uuid, -- goes to this attendee's own address; null: to the registration's
  recipient text check (length(recipient) <= 320), -- goes here, where neither is right any more
  kind text not null check (kind in ('confirmed', 'waitlisted', 'promoted', 'pending', 'approved',
    'declined', 'unverified', 'expired', 'changed', 'cancelled', 'handed_on', 'handed_over',
    'reminder', 'event_changed', 'event_cancelled', 'resent')),
  -- A message to all of an event waits behind the messages that one person waits for.
  to_all boolean not null generated always as
    (kind in ('reminder', 'event_changed', 'event_cancelled')) stored,
  about jsonb not null default '{}', -- names that are no longer in the registration
  state message_state not null default 'queued',
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  code integer, -- the last reply of the mail server: 250, 451, 550
  words text,   -- its text, or why the server was not asked
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  sent_at timestamptz,
  primary key (event_id, registration_id, message_id), -- so that a registration's are found
  foreign key (event_id, registration_id) references registration on delete cascade
);
create index message_due on message (to_all, due_at) where state in ('queued', 'sending');
