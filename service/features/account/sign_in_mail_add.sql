-- Asks for a letter with a link to sign in, whether or not the address has an account.
-- $1 mail_id: uuid
-- $2 email: text
-- $3 email_key: text
-- $4 language: text
-- $5 target: text
insert into sign_in_mail (mail_id, email, email_key, language, target)
values ($1, $2, $3, $4, $5)
    on conflict (mail_id) do nothing
