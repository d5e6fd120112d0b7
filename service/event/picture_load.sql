-- $1 name: text
-- rows: bytes bytea
select bytes from picture where name = $1
