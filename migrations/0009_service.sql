-- What the database knows of the service that it belongs to.

-- The fingerprint of the service secret, from which links are derived. A hash keyed with the secret
-- gives it, so it tells nothing of the secret. After a restore without the keys it does not match.
create table secret_fingerprint (
  is_the_one boolean primary key default true check (is_the_one), -- there is one row
  fingerprint bytea not null check (length(fingerprint) = 16),
  since timestamptz not null default now()
);
