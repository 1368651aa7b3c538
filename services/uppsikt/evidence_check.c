/* evidence_check.c - a saved copy as files, checked without asking anybody: manifest, seal, leaf,
 * the way to a signed head, custody (R27). One changed bit anywhere is found. */
#include "digest.h"
#include "node_state.h" /* upp_chain_hash */
#include "saved_copy.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MANIFEST_MAX = 256 * 1024, PROOF_MAX = 1024 * 1024, CUSTODY_MAX = 64 * 1024 * 1024 };

UPP_PRINTF(2, 3) static const char *wrong(char why[EVIDENCE_WHY], const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, EVIDENCE_WHY, fmt, args);
    va_end(args);
    return why;
}

static void free_text(char **text)
{
    free(*text);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* only read */
}

char *evidence_read(const char *folder, const char *name, size_t max, size_t *ret_len)
{
    char path[PATH_MAX];
    if (!home_path(folder, name, path))
        return NULL;
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || (size_t)info.st_size > max)
        return NULL;
    const size_t size = (size_t)info.st_size;
    char *text = malloc(size + 1);
    upp_check(text);
    size_t n = 0;
    while (n < size) {
        const ssize_t got = read(fd, text + n, size - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    text[n] = '\0';
    *ret_len = n;
    if (n == size)
        return text;
    free(text);
    return NULL;
}

static bool sum_of(const char *folder, const char *name, char ret_hex[65], int64_t *ret_bytes)
{
    char path[PATH_MAX];
    uint8_t room[16 * 1024], hash[32];
    crypto_hash_sha256_state sha;
    ssize_t n = 0;
    if (!home_path(folder, name, path))
        return false;
    UPP_AUTO(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    crypto_hash_sha256_init(&sha);
    while ((n = read(fd, room, sizeof room)) > 0) {
        crypto_hash_sha256_update(&sha, room, (unsigned long long)n);
        *ret_bytes += n;
    }
    crypto_hash_sha256_final(&sha, hash);
    sodium_bin2hex(ret_hex, 65, hash, sizeof hash);
    return n == 0;
}

/* -- a manifest: `<64 hex>  <path>` a line, in order -- */
typedef struct line {
    char hex[65], path[160];
} line;

/* 1: a line; 0: the end; -1: no such line. */
static int next_line(upp_bytes text, size_t *at, line *ret_line)
{
    if (*at >= text.len)
        return 0;
    const char *from = (const char *)text.at + *at;
    const char *end = memchr(from, '\n', text.len - *at);
    const size_t len = end ? (size_t)(end - from) : 0;
    if (!end || len < 67 || len - 66 >= sizeof ret_line->path || from[64] != ' ' ||
        from[65] != ' ' || memchr(from, '\0', len) || strspn(from, "0123456789abcdef") != 64)
        return -1;
    snprintf(ret_line->hex, sizeof ret_line->hex, "%.64s", from);
    snprintf(ret_line->path, sizeof ret_line->path, "%.*s", (int)(len - 66), from + 66);
    if (ret_line->path[0] == '/' || strstr(ret_line->path, ".."))
        return -1;
    *at += len + 1;
    return 1;
}

static bool in_manifest(upp_bytes manifest, const char *path)
{
    line l;
    for (size_t at = 0; next_line(manifest, &at, &l) == 1;)
        if (strcmp(l.path, path) == 0)
            return true;
    return false;
}

static bool named(const char *const *names, const char *name)
{
    for (size_t i = 0; names && names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* What nobody sealed has no business there. NULL: nothing. */
static const char *strays(const char *folder, const char *below, upp_bytes manifest,
                          const char *const *but, char why[EVIDENCE_WHY])
{
    char path[PATH_MAX];
    const char *found = NULL;
    if (!home_path(folder, below, path))
        return wrong(why, "%s: a path too long", folder);
    DIR *entries = opendir(path);
    if (!entries)
        return wrong(why, "%s: %s", path, strerror(errno));
    const struct dirent *e = NULL;
    while (!found && (e = readdir(entries))) {
        char inner[300];
        struct stat info;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s%s%.200s", below, below[0] ? "/" : "", e->d_name);
        if (!home_path(folder, inner, path) || lstat(path, &info) != 0)
            found = wrong(why, "%s: cannot be looked at", inner);
        else if (S_ISDIR(info.st_mode) && strcmp(inner, "media") == 0)
            found = strays(folder, inner, manifest, but, why);
        else if (!S_ISREG(info.st_mode) || (!in_manifest(manifest, inner) && !named(but, inner)))
            found = wrong(why, "%s: is in no manifest", inner);
    }
    closedir(entries);
    return found;
}

const char *evidence_folder(const char *folder, upp_bytes manifest, const char *const *but,
                            evidence_tally *tally, char why[EVIDENCE_WHY])
{
    line l;
    char before[160] = "";
    size_t at = 0;
    int more = 0;
    while ((more = next_line(manifest, &at, &l)) == 1) {
        char hex[65];
        int64_t bytes = 0;
        if (strcmp(before, l.path) >= 0)
            return wrong(why, "the manifest is out of order at %s", l.path);
        memcpy(before, l.path, sizeof before);
        if (!sum_of(folder, l.path, hex, &bytes))
            return wrong(why, "%s: is missing", l.path);
        if (strcmp(hex, l.hex) != 0)
            return wrong(why, "%s: is not what was sealed", l.path);
        tally->files++;
        tally->bytes += bytes;
    }
    if (more < 0)
        return wrong(why, "the manifest is no manifest");
    if (tally->files == 0)
        return wrong(why, "the manifest is empty");
    const char *stray = strays(folder, "", manifest, but, why);
    return stray ? stray : "";
}

/* -- an export -- */
static bool bytes_at(const json_t *object, const char *name, uint8_t *ret_bytes, size_t n)
{
    const char *hex = json_string_value(json_object_get(object, name));
    size_t got = 0;
    return hex && strlen(hex) == 2 * n &&
           sodium_hex2bin(ret_bytes, n, hex, 2 * n, NULL, &got, NULL) == 0 && got == n;
}

/* The stamp that lies beside the proof: over just this head. */
static const char *check_stamp(const char *folder, const uint8_t stamped[LEAF_STAMPED],
                               const tree_hash *imprint, upp_bytes roots, evidence_tally *tally,
                               char why[EVIDENCE_WHY])
{
    size_t head_len = 0, len = 0;
    UPP_AUTO(free_text)
    char *head = evidence_read(folder, EVIDENCE_HEAD, LEAF_STAMPED, &head_len);
    UPP_AUTO(free_text) char *stamp = evidence_read(folder, EVIDENCE_STAMP, TSA_REPLY, &len);
    if (!head && !stamp) /* none was made; one that was taken away is missed in the sums */
        return "";
    if (!head || head_len != LEAF_STAMPED || memcmp(head, stamped, LEAF_STAMPED) != 0)
        return wrong(why, EVIDENCE_HEAD ": is another head than that of proof.json");
    const char *key = stamp ? tsa_check((upp_bytes){ (const uint8_t *)stamp, len }, imprint->at,
                                        NULL, roots, &tally->stamp)
                            : "token-malformed";
    return key ? wrong(why, EVIDENCE_STAMP ": %s", evidence_stamp_why(key)) : "";
}

static const char *check_head(const char *folder, const json_t *proof, const tree_hash *leaf,
                              const evidence_trust *trust, evidence_tally *tally,
                              char why[EVIDENCE_WHY])
{
    const json_t *tree = json_object_get(proof, "tree");
    const json_t *path = json_object_get(tree, "path");
    tree_hash steps[TREE_PATH], root, imprint;
    uint8_t signature[LEAF_SIGNATURE], signer[LEAF_KEY], stamped[LEAF_STAMPED];
    const size_t n = json_array_size(path);
    if (json_is_null(tree)) /* sealed since the last head: said so, and no fault */
        return "";
    const int64_t size = json_integer_value(json_object_get(tree, "size"));
    const int64_t index = json_integer_value(json_object_get(proof, "leaf_index"));
    if (n > TREE_PATH || !bytes_at(tree, "root", root.at, TREE_HASH) ||
        !bytes_at(tree, "signature", signature, sizeof signature) ||
        !bytes_at(tree, "key", signer, sizeof signer))
        return wrong(why, "proof.json: its head cannot be read");
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(path, i);
        UPP_AUTO(json_freep) json_t *step = json_pack("{s:O}", "h", one);
        if (!bytes_at(step, "h", steps[i].at, TREE_HASH))
            return wrong(why, "proof.json: its path cannot be read");
    }
    if (!tree_included(leaf, index, size, steps, n, &root))
        return wrong(why, "proof.json: the leaf is not in that tree");
    const upp_ms at = json_integer_value(json_object_get(tree, "at_ms"));
    if (!leaf_signature_holds(size, at, &root, signature, signer))
        return wrong(why, "proof.json: the head's signature does not hold");
    if (trust->key && memcmp(trust->key, signer, LEAF_KEY) != 0)
        return wrong(why, "proof.json: the head is signed by another key");
    tally->signed_head = true;
    leaf_stamped(size, at, &root, signature, stamped, &imprint);
    return check_stamp(folder, stamped, &imprint, trust->roots, tally, why);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

/* Manifest and salt give the seal, the seal gives the leaf, the leaf is in the signed tree; and the
 * record says of itself what the leaf says. */
static const char *check_proof(const char *folder, upp_bytes manifest, const evidence_trust *trust,
                               evidence_tally *tally, char why[EVIDENCE_WHY])
{
    size_t len = 0, record_len = 0;
    uint8_t salt[LEAF_SALT], said[TREE_HASH], seal[TREE_HASH];
    tree_hash leaf, said_leaf;
    UPP_AUTO(free_text) char *text = evidence_read(folder, "proof.json", PROOF_MAX, &len);
    UPP_AUTO(free_text) char *self = evidence_read(folder, "record.json", PROOF_MAX, &record_len);
    UPP_AUTO(json_freep) json_t *proof = text ? json_loadb(text, len, 0, NULL) : NULL;
    UPP_AUTO(json_freep) json_t *record = self ? json_loadb(self, record_len, 0, NULL) : NULL;
    if (!proof || !record || !bytes_at(proof, "salt", salt, sizeof salt) ||
        !bytes_at(proof, "commitment", said, sizeof said) ||
        !bytes_at(proof, "leaf_hash", said_leaf.at, TREE_HASH))
        return wrong(why, "proof.json: cannot be read");
    leaf_seal(salt, manifest, seal);
    if (memcmp(seal, said, sizeof seal) != 0)
        return wrong(why, "the manifest is not the one that was sealed");
    leaf_hash(
        &(leaf_record){ .record = text_of(proof, "record"),
                        .item = text_of(proof, "item"),
                        .version = (uint32_t)json_integer_value(json_object_get(proof, "version")),
                        .level = strcmp(text_of(proof, "level"), "WHOLE") == 0 ? 2 : 1,
                        .at = json_integer_value(json_object_get(proof, "sealed_ms")),
                        .seal = seal },
        &leaf);
    if (memcmp(leaf.at, said_leaf.at, TREE_HASH) != 0)
        return wrong(why, "proof.json: the leaf is of another record");
    if (strcmp(text_of(proof, "record"), text_of(record, "record_id")) != 0 ||
        strcmp(text_of(proof, "item"), text_of(record, "item")) != 0 ||
        strcmp(text_of(proof, "level"), text_of(record, "level")) != 0)
        return wrong(why, "proof.json is about another record than record.json");
    return check_head(folder, proof, &leaf, trust, tally, why);
}

static bool custody_holds(const json_t *noted)
{
    uint8_t epoch[16], prev[32], said[32], eh[32], hash[32];
    const char *hex = text_of(noted, "envelope");
    const size_t n = strlen(hex) / 2;
    uint8_t *envelope = malloc(n + 1);
    size_t got = 0;
    upp_check(envelope);
    const bool read = sodium_hex2bin(envelope, n, hex, strlen(hex), NULL, &got, NULL) == 0 &&
                      got == n && bytes_at(noted, "epoch", epoch, 16) &&
                      bytes_at(noted, "prev_hash", prev, 32) && bytes_at(noted, "hash", said, 32);
    if (read) {
        upp_sha256(&(upp_bytes){ envelope, n }, 1, eh);
        upp_chain_hash(epoch, json_integer_value(json_object_get(noted, "seq")), prev, eh, hash);
    }
    free(envelope);
    return read && memcmp(hash, said, 32) == 0;
}

static const char *check_custody(const char *folder, char why[EVIDENCE_WHY])
{
    size_t len = 0;
    UPP_AUTO(free_text) char *text = evidence_read(folder, "custody.jsonl", CUSTODY_MAX, &len);
    if (!text)
        return wrong(why, "custody.jsonl: is missing");
    size_t number = 0;
    for (char *at = text; *at;) {
        const size_t n = strcspn(at, "\n");
        UPP_AUTO(json_freep) json_t *one = json_loadb(at, n, 0, NULL);
        number++;
        if (!one || !custody_holds(one))
            return wrong(why, "custody.jsonl:%zu: is not what the log holds", number);
        at += n + (at[n] == '\n');
    }
    return number > 0 ? "" : wrong(why, "custody.jsonl: is empty");
}

bool evidence_is_export(const char *folder)
{
    size_t len = 0;
    UPP_AUTO(free_text) char *text = evidence_read(folder, "proof.json", PROOF_MAX, &len);
    return text != NULL;
}

static bool lies_in(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat info;
    return !home_path(folder, name, path) || lstat(path, &info) == 0;
}

/* Seal and chain cover what they cover; the sums cover each letter of the files beside it: two, or
 * four when there is a stamp. */
static const char *check_sums(const char *folder, char why[EVIDENCE_WHY])
{
    size_t len = 0, at = 0, n = 0;
    line l;
    UPP_AUTO(free_text) char *text = evidence_read(folder, EVIDENCE_SUMS, MANIFEST_MAX, &len);
    const upp_bytes sums = { (const uint8_t *)text, text ? len : 0 };
    int more = 0;
    while (text && (more = next_line(sums, &at, &l)) == 1) {
        char hex[65];
        int64_t bytes = 0;
        if (!sum_of(folder, l.path, hex, &bytes) || strcmp(hex, l.hex) != 0)
            return wrong(why, "%s: is not what was exported", l.path);
        n++;
    }
    const bool stamp = in_manifest(sums, EVIDENCE_STAMP) && in_manifest(sums, EVIDENCE_HEAD);
    return text && more == 0 && n == (stamp ? 4 : 2) && in_manifest(sums, "proof.json") &&
                   in_manifest(sums, "custody.jsonl") &&
                   (stamp || (!lies_in(folder, EVIDENCE_STAMP) && !lies_in(folder, EVIDENCE_HEAD)))
               ? ""
               : wrong(why, EVIDENCE_SUMS ": cannot be read");
}

const char *evidence_exported(const char *folder, const evidence_trust *trust,
                              evidence_tally *tally, char why[EVIDENCE_WHY])
{
    static const char *const beside[] = {
        "manifest-sha256.txt", "proof.json", "custody.jsonl", EVIDENCE_SUMS, EVIDENCE_HEAD,
        EVIDENCE_STAMP,        NULL
    };
    size_t len = 0;
    UPP_AUTO(free_text)
    char *text = evidence_read(folder, "manifest-sha256.txt", MANIFEST_MAX, &len);
    if (!text)
        return wrong(why, "manifest-sha256.txt: is missing");
    const upp_bytes manifest = { (const uint8_t *)text, len };
    const char *said = evidence_folder(folder, manifest, beside, tally, why);
    if (!said[0])
        said = check_sums(folder, why);
    if (!said[0])
        said = check_proof(folder, manifest, trust, tally, why);
    return said[0] ? said : check_custody(folder, why);
}
