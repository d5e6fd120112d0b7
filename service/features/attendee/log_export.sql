-- Records an export in the audit log, before the export starts.
-- $1 event_id: uuid
-- $2 actor: text
-- $3 detail: jsonb
-- rows: entry_id bigint
insert into audit_entry (organiser_id, event_id, actor, action, detail)
select organiser_id, event_id, $2, 'attendees.export', $3::jsonb from event where event_id = $1
returning entry_id
