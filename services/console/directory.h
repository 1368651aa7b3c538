/* directory.h - the organisation's directory as the console knows it: what it says of itself, its
 * keys, who is there just now. One worker's alone but for `directory_stop` and
 * `directory_counters`. Private to port_*.c. */
#pragma once
#include "console.h"
#include "id_token.h"
#include "issuer.h"
#include "upp/port.h"

typedef struct directory directory;

/* False: the options do not go together, and upp_loop_say has heard why. *ret_directory NULL: it is
 * off. `origin`: where people find us, "" when nobody has said. */
bool directory_open(upp_loop *loop, const console_config *config, const char *origin,
                    directory **ret_directory);
void directory_stop(directory *d);  /* what is under way ends soon; NULL is fine, from any thread */
void directory_close(directory *d); /* NULL is fine */

/* What it says of itself, not older than a minute; lent until the next call. NULL: it is down, the
 * log says why; then it is left alone for a moment, so that nobody waits for what does not come. */
const issuer *directory_issuer(directory *d);
const issuer_client *directory_client(const directory *d);
sign_tries *directory_tries(directory *d);

/* Who has come back with that code: her claim's value. DIRECTORY_DOWN, DIRECTORY_REFUSED: the log
 * says why, without her or the token. */
enum directory_end { DIRECTORY_FINE, DIRECTORY_DOWN, DIRECTORY_REFUSED };
enum directory_end directory_who(directory *d, const char *code, const sign_words *words,
                                 char ret_value[ID_TOKEN_VALUE]);
/* What went wrong, for the operators; `word` is "" or the directory's own short word for it. */
void directory_log(directory *d, const char *what, const char *word);
/* For the port's `counters`, from the loop; lent. NULL is fine: it has none. */
const upp_port_counter *directory_counters(directory *d);
