-- Work that was noted while the clock was ahead would wait until the clock is there again. So what was
-- never tried is due at once. What is to be tried again waits no longer than the longest pause between
-- two tries, 6 hours. A lease ends after the longest one, 10 minutes (a command's import: 1 hour);
-- meanwhile a living owner renews it. A mailing may be planned for later. Returns the number of rows.
create function mend_due_times() returns bigint language sql as $$
  with messages as (
    update message
       set due_at = now() + case when state = 'sending' then interval '10 minutes' else '0' end
     where state in ('queued', 'sending') and to_all in (false, true)
       and due_at > now() + interval '1 minute'
       and due_at > now() + case when state = 'sending' then interval '10 minutes'
                                 when tries = 0 then '1 minute' else '6 hours 1 minute' end
    returning 1
  ), sign_in_mails as (
    update sign_in_mail
       set due_at = now() + case when state = 'sending' then interval '10 minutes' else '0' end
     where state in ('queued', 'sending')
       and due_at > now() + interval '1 minute'
       and due_at > now() + case when state = 'sending' then interval '10 minutes'
                                 when tries = 0 then '1 minute' else '6 hours 1 minute' end
    returning 1
  ), invitations as (
    update invitation_mail
       set due_at = now() + case when state = 'sending' then interval '10 minutes' else '0' end
     where state in ('queued', 'sending')
       and due_at > now() + interval '1 minute'
       and due_at > now() + case when state = 'sending' then interval '10 minutes'
                                 when tries = 0 then '1 minute' else '6 hours 1 minute' end
    returning 1
  ), bulk_actions as (
    update bulk_action
       set due_at = now() + case when state = 'working' then interval '10 minutes' else '0' end
     where state in ('queued', 'working') and due_at > now() + interval '10 minutes'
    returning 1
  ), imports as (
    update import
       set due_at = now() + case when state in ('checking', 'adding') then interval '1 hour' else '0' end
     where state in ('to_check', 'checking', 'to_add', 'adding')
       and due_at > now() + interval '1 hour'
    returning 1
  ), mailings as (
    update mailing set due_at = now() + interval '10 minutes'
     where state = 'sending' and due_at > now() + interval '10 minutes'
    returning 1
  )
  select (select count(*) from messages) + (select count(*) from sign_in_mails)
         + (select count(*) from invitations) + (select count(*) from bulk_actions)
         + (select count(*) from imports) + (select count(*) from mailings)
$$;
