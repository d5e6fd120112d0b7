-- Makes the database belong to the service secret with this fingerprint, in hexadecimal.
-- $1 fingerprint: text
insert into secret_fingerprint (fingerprint) values (decode($1, 'hex'))
on conflict (is_the_one) do update set fingerprint = excluded.fingerprint, since = now()
