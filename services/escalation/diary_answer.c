/* diary_answer.c - what a diary's webhook answers: it may have given a number. Any bytes. */
#include "diary_deliver.h"
#include <jansson.h>

bool diary_answer_read(const char *json, size_t n, char ret_number[DIARY_NUMBER])
{
    json_t *said = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *number = json_object_get(said, "diary_number");
    const bool found =
        json_is_string(number) &&
        diary_number_read(json_string_value(number), json_string_length(number), ret_number);
    json_decref(said);
    return found;
}
