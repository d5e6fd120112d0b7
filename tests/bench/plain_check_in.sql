-- One plain check-in: admits a ticket that was not admitted yet, and records the scan. A second scan of it
-- gives no row.
-- For pgbench, with the variable ticket.
with admitted as (
  update plain.registration set admitted_at = now()
   where registration_id = lpad(:ticket, 32, '0')::uuid and admitted_at is null
  returning registration_id
)
insert into plain.scan (registration_id, door)
select registration_id, 'main' from admitted
returning scan_id
