-- Refuses to change or delete an audit entry.
create function audit_entry_is_final() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are never changed';
end $$;
create trigger audit_entry_is_final before update or delete on audit_entry
  for each statement execute function audit_entry_is_final();
