-- A migration that only adds, as a rolling upgrade needs it.
create table tomorrow (event_id bigint primary key, note text);
alter table event add column tomorrow text;
