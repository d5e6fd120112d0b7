-- Who comes to the door without a ticket, and what the door sees of those who have one.

alter table question add column at_door boolean not null default false;
