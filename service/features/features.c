#include "features/feature.h"

#include "features/account/account.h"
#include "features/attendee/attendee.h"
#include "command.h"
#include "features/door/door.h"
#include "features/event/event_feature.h"
#include "features/message/message.h"
#include "features/operations/operations.h"
#include "features/registration/registration_feature.h"
#include "features/ticket/ticket_feature.h"

const struct feature *const all_features[] = {
    &feature_event,   &feature_registration, &feature_ticket,     &feature_door, &feature_attendee,
    &feature_account, &feature_message,      &feature_operations, NULL,
};

const struct command *const all_commands[] = {
    &command_event_apply,   &command_event_show,   &command_account_add,      &command_token_add,
    &command_token_list,    &command_token_revoke, &command_attendees_export, &command_door_pair,
    &command_door_list,     &command_door_unpair,  &command_door_change,      &command_message_list,
    &command_ticket_verify, &command_keys_rotate,  &command_routes,           NULL,
};
