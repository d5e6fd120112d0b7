-- Mails that an organiser writes to many people of an event: whom a filter of the list of people
-- matches, or whom the organiser chose.

-- 'planned' begins at due_at, and 'sending' goes on then. 'sent': every recipient has a message.
create type mailing_state as enum ('draft', 'planned', 'sending', 'sent', 'stopped');

create table mailing (
  event_id uuid not null references event on delete cascade,
  mailing_id uuid not null,
  state mailing_state not null default 'draft',
  -- Whom it is for, decided when it begins.
  filter jsonb, -- of attendee_page(); null: the attendees in `chosen`
  chosen uuid[],
  query text not null default '' check (length(query) <= 20000), -- the filter, for the list of people
  -- [{"language", "subject", "text"}] in the order of the event's languages. People who read another
  -- language get the first one. The text is Markdown.
  texts jsonb not null default '[]',
  version integer not null default 1, -- of the texts
  actor text not null, -- who wrote it last, as in audit_entry
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  listed_to jsonb, -- the last person whose recipient is written down: $4 of attendee_page()
  listed_at timestamptz, -- when all recipients were written down
  left_out integer not null default 0,   -- recipients who cancelled meanwhile
  no_address integer not null default 0, -- people without an address
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  started_at timestamptz, -- of the first message
  ended_at timestamptz,
  primary key (event_id, mailing_id),
  check ((filter is null) <> (chosen is null))
);
create index mailing_newest on mailing (event_id, created_at, mailing_id);
create index mailing_due on mailing (due_at) where state in ('planned', 'sending');

-- A person whom a mailing is for, and where their mail goes to (functions/mailing.sql).
create type mailing_person as (
  attendee_id uuid,
  registration_id uuid,
  number integer, -- of the registration
  "position" integer, -- of the attendee in it
  reader uuid, -- the attendee, if the address is their own; null: it is the registration's
  address text, -- in lower case; '': none
  language text,
  is_cancelled boolean,
  is_held boolean -- the mail waits until somebody opens a link: another person typed the address
);

-- Each address is a recipient once, so nobody gets a mailing twice.
create table mailing_recipient (
  event_id uuid not null,
  mailing_id uuid not null,
  address text not null, -- in lower case
  registration_id uuid not null,
  attendee_id uuid, -- has an address of their own; null: the registration's
  number integer not null, -- of the registration
  was_cancelled boolean not null,
  message_id uuid, -- null: has no message yet
  left_out boolean not null default false,
  primary key (event_id, mailing_id, address),
  -- No key refers to the registration: checking 100,000 of them would write to each. erase.sql deletes.
  foreign key (event_id, mailing_id) references mailing on delete cascade
);
create index mailing_recipient_waiting on mailing_recipient (event_id, mailing_id, number)
  where message_id is null and not left_out;
create index mailing_recipient_of_registration on mailing_recipient (event_id, registration_id);

alter table message add foreign key (event_id, mailing_id) references mailing on delete cascade;
-- Counts the messages of a mailing by their state.
create index message_of_mailing on message (event_id, mailing_id, state, tries)
  where mailing_id is not null and kind = 'mailing';
