-- The letters that a change by an organiser would send, as rows of letter_line. It makes the change
-- and takes it back, so these are the real letters. The caller holds the lock on the event's tally.
create function letters_preview(the_event uuid, the_registration uuid, the_attendee uuid, action text,
                                said text, why text, the_type text, new_name text, new_email text,
                                new_email_key text, new_language text)
returns jsonb language plpgsql as $$
declare
  new_registration uuid := gen_random_uuid();
  letters jsonb;
begin
  begin
    if action = 'correct' or action = 'ticket_type' and not exists (
        select from ticket_type where event_id = the_event and slug = the_type) then
      update attendee set name = coalesce(new_name, name)
       where event_id = the_event and attendee_id = the_attendee;
      update registration set language = coalesce(new_language, language),
             email = coalesce(new_email, email)
       where event_id = the_event and registration_id = the_registration;
      insert into message (event_id, message_id, registration_id, kind)
      select the_event, gen_random_uuid(), the_registration, 'changed'
        from registration
       where event_id = the_event and registration_id = the_registration and status <> 'unverified';
      perform finish_letters('changed', the_event, array[the_registration], true, said, '');
    elsif action = 'hand_on' then
      perform finish_letters(
        hand_on(the_event, the_registration, the_attendee, gen_random_uuid(), new_registration,
                gen_random_uuid(), new_name, new_email, new_email_key, '', true, null, ''),
        the_event, array[the_registration, new_registration], true, said, '');
    else
      perform act_on(the_event, the_registration, the_attendee, action, null, '', true, said,
                            why, the_type);
    end if;
    select jsonb_agg(to_jsonb(letter_line) order by letter_line.created_at, message_id, position)
      into letters
      from letter_line
     where event_id = the_event and registration_id in (the_registration, new_registration)
       and created_at = now();
    raise exception using errcode = 'EP001';
  exception when sqlstate 'EP001' then
    null; -- everything but the variables is as it was
  end;
  return coalesce(letters, '[]');
end $$;
