-- Tells the fingerprint of the service secret that the database belongs to. No service has come yet
-- if there is no row.
-- rows: fingerprint text
select encode(fingerprint, 'hex') as fingerprint from secret_fingerprint
