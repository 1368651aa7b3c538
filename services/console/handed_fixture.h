/* handed_fixture.h - one leaver's list, and who has access to one account, as the register has
 * them. Part of acts_fixture.h. */
#pragma once

static inline int give_leaver(upp_each *each, void *ctx)
{
    Uppsikt__LeaverListRow row = UPPSIKT__LEAVER_LIST_ROW__INIT;
    Uppsikt__LeaverListRowContent content = UPPSIKT__LEAVER_LIST_ROW_CONTENT__INIT;
    if (!bus.lacks)
        return 0;
    row.person = upp_lend("sofia");
    row.leaves_ms = now + 3 * UPP_DAY;
    row.opened_ms = now - UPP_DAY;
    row.due_ms = now + 4 * UPP_DAY;
    row.accounts = 1;
    row.open_rows = 3;
    row.lacks = upp_lend(bus.lacks);
    row.confirmed_ms = bus.confirmed ? now : 0;
    row.confirmed_by = upp_lend(bus.confirmed ? "berit" : "");
    content.name = upp_lend("Sofia <Ek>");
    content.confirmed_name = upp_lend(bus.confirmed ? "Berit Ek" : "");
    return give(each, ctx, &row.base, &content.base);
}

/* Appointed, not needed, and three that are open. */
static inline int give_leaver_account(upp_each *each, void *ctx)
{
    enum { STEPS = UPPSIKT__LEAVER_STEP__LEAVER_STEP_SECOND_FACTOR };
    Uppsikt__LeaverAccountRow row = UPPSIKT__LEAVER_ACCOUNT_ROW__INIT;
    Uppsikt__LeaverAccountRowContent content = UPPSIKT__LEAVER_ACCOUNT_ROW_CONTENT__INIT;
    Uppsikt__LeaverRow rows[STEPS], *list[STEPS];
    char *notes[STEPS], *by[STEPS], *successors[STEPS];
    for (int i = 0; i < STEPS; i++) {
        uppsikt__leaver_row__init(&rows[i]);
        rows[i].step = (Uppsikt__LeaverStep)(i + 1);
        rows[i].tick = i == 0   ? UPPSIKT__LEAVER_TICK__LEAVER_TICK_DONE
                       : i == 1 ? UPPSIKT__LEAVER_TICK__LEAVER_TICK_NOT_APPLICABLE
                                : UPPSIKT__LEAVER_TICK__LEAVER_TICK_OPEN;
        rows[i].by = upp_lend(i < 2 ? "berit" : "");
        rows[i].at_ms = i < 2 ? now - UPP_HOUR : 0;
        list[i] = &rows[i];
        notes[i] = upp_lend(i == 1 ? "sidan har <inga> roller" : "");
        by[i] = upp_lend(i < 2 ? "Berit Ek" : "");
        successors[i] = upp_lend(i == 0 ? "Cia Ny" : "");
    }
    rows[0].successor = upp_lend("cia");
    rows[0].appointed_by = upp_lend("chef");
    rows[0].appointed_ms = now - UPP_DAY;
    row.account = upp_lend("acc");
    row.unit = upp_lend("skola");
    row.platform = upp_lend("facebook");
    row.head = upp_lend("chef");
    row.others = 2;
    row.access = true;
    row.may_tick = row.may_give = !bus.looks_on;
    row.rows = list;
    row.n_rows = content.n_notes = content.n_by = content.n_successors = STEPS;
    content.name = upp_lend("Skolan");
    content.vault = upp_lend("valvet, hylla 4");
    content.head = upp_lend("Hans Chef");
    content.notes = notes;
    content.by = by;
    content.successors = successors;
    return give(each, ctx, &row.base, &content.base);
}

/* The second leaves. */
static inline int give_persons(upp_each *each, void *ctx)
{
    static const char *const ids[] = { "cia", "sofia" };
    for (size_t i = 0; i < UPP_LEN(ids); i++) {
        Uppsikt__PersonRow row = UPPSIKT__PERSON_ROW__INIT;
        Uppsikt__PersonRowContent content = UPPSIKT__PERSON_ROW_CONTENT__INIT;
        Uppsikt__PersonRegisteredContent who = UPPSIKT__PERSON_REGISTERED_CONTENT__INIT;
        row.person = upp_lend(ids[i]);
        row.leaves_ms = i == 1 ? now + 3 * UPP_DAY : 0;
        who.first_name = upp_lend(ids[i]);
        content.who = &who;
        give(each, ctx, &row.base, &content.base);
    }
    return 0;
}

static inline int give_access(upp_each *each, void *ctx)
{
    Uppsikt__AccessListRow row = UPPSIKT__ACCESS_LIST_ROW__INIT;
    Uppsikt__AccessListRowContent content = UPPSIKT__ACCESS_LIST_ROW_CONTENT__INIT;
    char *persons[] = { upp_lend("anna"), upp_lend("bo") };
    char *names[] = { upp_lend("Anna Berg"), upp_lend("Bo <Ek>") };
    row.account = upp_lend("acc");
    row.platform = upp_lend("facebook");
    row.persons = persons;
    row.left = bus.left;
    row.attested_ms = now - 183 * UPP_DAY;
    row.attested_by = upp_lend("chef");
    row.due_ms = now + 29 * UPP_DAY;
    row.may_attest = !bus.looks_on;
    row.n_persons = content.n_names = 2;
    content.name = upp_lend("Skolan");
    content.names = names;
    content.attested_name = upp_lend("Hans Chef");
    return give(each, ctx, &row.base, &content.base);
}
