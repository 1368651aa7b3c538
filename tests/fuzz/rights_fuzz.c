/* rights_fuzz.c - rights.yaml and peers.yaml of any bytes are read or refused; what was refused
 * gives nobody anything. */
#include "fuzz.h"
#include "peers.h"
#include "rights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file(data, size);
    upp_rights *rights = upp_rights_read(path, "ingest", "classify=2", fuzz_say);
    if (rights) {
        static const char type[] = "uppsikt.CommentReceived";
        bool content = false;
        const bool may =
            upp_rights_may(rights, "classify", UPP_MAY_EVENT,
                           (upp_bytes){ (const uint8_t *)type, sizeof type - 1 }, &content);
        upp_check(!content || may);
        upp_check(!may || upp_rights_any(rights, "classify", UPP_MAY_EVENT));
    }
    upp_rights_free(rights);
    upp_peers *peers = upp_peers_read("/run/uppsikt", path, fuzz_say);
    if (peers) {
        char *where = upp_peers_where(peers, "ingest", fuzz_say);
        upp_check(where && (strncmp(where, "ipc:///", 7) == 0 || strncmp(where, "tcp://", 6) == 0));
        free(where);
    }
    upp_peers_free(peers);
    return 0;
}
