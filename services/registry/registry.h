/* registry.h - what crosses the files of this service. */
#pragma once
#include "life.h"
#include "upp/service.h"

enum { REGISTRY_ID = 41, REGISTRY_PAGE = 200, REGISTRY_PLATFORMS = 11, REGISTRY_ACCESS = 64 };
enum { REGISTRY_NAME = 202, REGISTRY_LABEL = 301 }; /* a person's name; an account's, its vault */

typedef struct registry_config {
    upp_ms understaffed_span; /* from the change until two must have access again (R05) */
    upp_ms fact_span;         /* a taken over account's missing facts (R04) */
    upp_ms inactive_due_span; /* from the finding until somebody has decided (R08) */
    upp_ms neglected_span;    /* a finding open for so long: the account is not kept up (R08) */
    upp_ms review_span;       /* between two look-throughs (R10) */
    upp_ms review_due_span;
    upp_ms attest_span; /* between two attestations of who has access (R05) */
    upp_ms attest_due_span;
    upp_ms inactive_span[REGISTRY_PLATFORMS]; /* since our own last post, per platform (R08) */
    const char *publish_folder;               /* NULL: the register is not published */
    upp_ms publish_span;                      /* changes within it are published together */
    const char *publisher;                    /* whose register it is, as the page says */
    const char *attended; /* when somebody looks after the accounts, as the page says */
    upp_bytes zone;       /* TZif; none: dates on the page are in UTC */
} registry_config;

/* -- right.c: who asks, and what she may -- */
enum {
    ROLE_READER = 1,
    ROLE_ADMINISTRATOR = 2,
    ROLE_MANAGER = 4,
    ROLE_COMMUNICATIONS = 8,
    ROLE_ARCHIVIST = 16,
    ROLE_REGISTRAR = 32,
    ROLE_OPERATIONS = 64
};
typedef struct right_asker {
    const char *person; /* NULL: the peer itself; only while the register is being founded */
    unsigned roles;
    bool founding;
} right_asker;
/* Who asks: a registered person who has not left. Without one, only until the first person with
 * role `operations` has been registered; from then on such a person always stays (right_last). */
UPP_MUST_USE int right_ask(upp_txn *txn, const upp_input *in, right_asker *ret_asker);
bool right_has(const right_asker *asker, unsigned roles); /* any of them */
/* 1: she is the unit's manager or its sector head (its own, else the nearest above). */
UPP_MUST_USE int right_leads(upp_txn *txn, const right_asker *asker, const char *unit);
/* Refuses unless she has one of `roles` or leads `unit`; NULL: no unit counts. */
UPP_MUST_USE int right_need(upp_txn *txn, const right_asker *asker, unsigned roles,
                            const char *unit);
unsigned right_role(const char *name); /* 0: no such role */
/* 1: nobody else who stays has role `operations`. */
UPP_MUST_USE int right_last(upp_txn *txn, const char *person);

/* -- text.c: what a field may hold, ids, commitments -- */
/* UTF-8 of at most `max` bytes without control characters; `lines`: line breaks too. */
bool text_fits(const char *text, size_t max, bool lines);
bool text_is_id(const char *text); /* 1 to 40 of letters, digits, - and _ */
bool text_is_mail(const char *text);
bool text_is_url(const char *text); /* https:// or http://, no blanks: it becomes a link */
/* The id that a command gives, or a fresh one when it gives none. Refuses a malformed one. */
UPP_MUST_USE int text_id(upp_txn *txn, const char *given, char ret_id[REGISTRY_ID]);
void text_copy(char *ret_text, size_t size, const char *from); /* cut at size - 1 */
void text_stamp(const upp_content *content, char ret_hex[UPP_HEX]);
/* The commitment that text_stamp wrote, in `bytes`; empty when `hex` is. */
ProtobufCBinaryData text_unstamp(const char *hex, uint8_t bytes[32]);
int64_t text_page(uint32_t limit); /* rows of a page */
/* The outcome of every command here. */
UPP_MUST_USE int text_registered(upp_txn *txn, const char *id, int64_t version);

/* -- authority.c: authorities and units -- */
upp_handle authority_register, authority_unit, authority_units;
/* 1: no such unit (or authority). */
UPP_MUST_USE int authority_unit_known(upp_txn *txn, const char *unit);
UPP_MUST_USE int authority_known(upp_txn *txn, const char *authority);
/* The unit's sector head: its own, else the nearest above; "" when there is none. */
UPP_MUST_USE int authority_head(upp_txn *txn, const char *unit, char ret_person[REGISTRY_ID]);

/* -- person.c -- */
upp_handle person_register, person_leaves, person_query, person_confirm_rules;
/* 0: registered and has not left; 1: unknown; 2: has left. */
UPP_MUST_USE int person_state(upp_txn *txn, const char *person);
UPP_MUST_USE int person_alarm(upp_txn *txn, const registry_config *config, const char *person);

/* -- account.c -- */
typedef struct account_row {
    char account[REGISTRY_ID], platform[16], unit[REGISTRY_ID], closing_by[REGISTRY_ID];
    char authority[REGISTRY_ID], facts_commitment[UPP_HEX];
    enum life_state state;
    int64_t watch, taken_over, facts_ref;
    upp_ms since_ms, open_since_ms, packaged_ms, posted_ms, reviewed_ms;
} account_row;
/* 1: no such account. */
UPP_MUST_USE int account_read(upp_txn *txn, const char *account, account_row *ret_row);
/* Stores the row and says it with all its facts; `facts` NULL: as they were. */
UPP_MUST_USE int account_say(upp_txn *txn, const registry_config *config, account_row *row,
                             const Uppsikt__AccountChangedContent *facts);
upp_handle account_change, account_packaged;

/* -- account_list.c -- */
upp_handle account_query;

/* -- access.c: two persons have access to each active account (R05, I21) -- */
upp_handle access_grant, access_revoke;
/* How many who have not left have access. */
UPP_MUST_USE int access_count(upp_txn *txn, const char *account, int64_t *ret_n);
/* The invariant, checked after each change: below two in an active account is a finding, which goes
 * when they are two again. */
UPP_MUST_USE int access_check(upp_txn *txn, const registry_config *config, const char *account);
UPP_MUST_USE int access_check_all_of(upp_txn *txn, const registry_config *config,
                                     const char *person);

/* -- leaver.c: what a leaver hands over, one list a person (R06) -- */
/* The account is on her list from now on, and a finding until the list is confirmed: one for each
 * account, for each has a manager and a ladder of its own. */
UPP_MUST_USE int leaver_add(upp_txn *txn, const char *person, const char *account, const char *unit,
                            upp_ms due);
/* Lists for the findings of a time when there were none. */
UPP_MUST_USE int leaver_start(upp_txn *txn);
enum leaver_state { LEAVER_NONE, LEAVER_OPEN, LEAVER_CONFIRMED };
UPP_MUST_USE int leaver_state(upp_txn *txn, const char *person);
/* 1: she may tick rows of this account: who leads its unit, keeps the register or has access. */
UPP_MUST_USE int leaver_may_tick(upp_txn *txn, const right_asker *asker, const char *account,
                                 const char *unit);
/* 1: she may confirm a list of this person's, if nothing else speaks against it. */
UPP_MUST_USE int leaver_leads(upp_txn *txn, const right_asker *asker, const char *person);
/* Why `by` cannot confirm it, a key of the catalogue; NULL: nothing speaks against it. */
UPP_MUST_USE int leaver_lacks(upp_txn *txn, const char *person, const char *by,
                              const char **ret_words);
upp_handle leaver_tick, leaver_confirm;

/* -- leaver_list.c -- */
upp_handle leaver_lists, leaver_accounts;

/* -- attest.c: twice a year, who has access still (R05) -- */
upp_handle attest_access, attest_list;
/* When it is to be attested again, while it is open. */
UPP_MUST_USE int attest_next(upp_txn *txn, const registry_config *config, const account_row *a,
                             upp_ms *ret_next);
UPP_MUST_USE int attest_check(upp_txn *txn, const registry_config *config, const account_row *a);
UPP_MUST_USE int attest_start(upp_txn *txn);

/* -- name.c: "" when it is nobody, or forgotten -- */
UPP_MUST_USE int name_of_person(upp_txn *txn, const char *person, char ret_name[REGISTRY_NAME]);
UPP_MUST_USE int name_of_account(upp_txn *txn, const char *account, char ret_name[REGISTRY_LABEL],
                                 char ret_vault[REGISTRY_LABEL]);

/* -- absence.c -- */
upp_handle absence_set, absence_cancel, absence_query;

/* -- finding.c: what is not as the rules say, with its clock -- */
typedef struct finding {
    const char *kind, *account, *unit, *person, *fact; /* NULL: none */
    upp_ms due;
} finding;
/* Raises it unless it is open already: then the clock goes on as it was. */
UPP_MUST_USE int finding_raise(upp_txn *txn, const finding *f);
/* Clears the open ones of this kind; account, unit, person, fact: NULL is any. */
UPP_MUST_USE int finding_clear(upp_txn *txn, const finding *f);
/* Clears every open finding of the account. */
UPP_MUST_USE int finding_clear_all(upp_txn *txn, const char *account);
upp_handle finding_query, finding_rung_empty;
/* A rung of these accounts may be filled again: whoever finds it empty will say so again. */
UPP_MUST_USE int finding_rung_filled_by(upp_txn *txn, const char *person);
UPP_MUST_USE int finding_rung_filled_in(upp_txn *txn, const char *unit);

/* -- upkeep.c: accounts that nobody keeps up (R08), and the half-yearly look (R10) -- */
extern const char *const upkeep_platforms[REGISTRY_PLATFORMS];
int upkeep_platform(const char *name); /* -1: no such platform */
upp_handle upkeep_posted, upkeep_review;
UPP_MUST_USE int upkeep_check(upp_txn *txn, const registry_config *config, const char *account);
UPP_MUST_USE int upkeep_start(upp_txn *txn);
UPP_MUST_USE int upkeep_alarm(upp_txn *txn, const registry_config *config); /* daily */

/* -- rulebook.c: policies and rows of the document-management plan -- */
upp_handle rulebook_adopt_policy, rulebook_adopt_row;
UPP_MUST_USE int rulebook_version(upp_txn *txn, int64_t *ret_version);

/* -- publication.c: the public register (R09) -- */
/* What was said last has changed it: it will be written anew. */
UPP_MUST_USE int publication_changed(upp_txn *txn, const registry_config *config);
/* The same for a row that is being forgotten: ContentForgotten, which changes it, is said next. */
UPP_MUST_USE int publication_forgotten(upp_txn *txn, const registry_config *config);
UPP_MUST_USE int publication_start(upp_txn *txn, const registry_config *config);
UPP_MUST_USE int publication_alarm(upp_txn *txn, const registry_config *config);
upp_handle publication_written;

/* -- holding.c: what is held of one person (R29) -- */
upp_handle registry_held;
