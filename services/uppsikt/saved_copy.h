/* saved_copy.h - what the files of `uppsikt evidence` and `verify` share. */
#pragma once
#include "ask.h"
#include "leaf.h"
#include "message_json.h"
#include "tsa.h"
#include "uppsikt/evidence.pb-c.h"

/* Notes that the person looks, then the record's row with its content (NULL: gone, or not sealed).
 * CALL_WRONG: said. The caller releases *ret_row. */
int evidence_row(verb_call *call, const char *record, const char *what, json_t **ret_row);
int evidence_export(verb_call *call);

/* -- evidence_tree.c: the tree, made again from evidence's own log -- */
typedef struct evidence_head {
    int64_t size;
    upp_ms at;
    tree_hash root;
    uint8_t signature[LEAF_SIGNATURE], key[LEAF_KEY];
    uint8_t *stamp; /* a TimeStampResp over it; NULL: none */
    size_t stamp_len;
} evidence_head;
typedef struct evidence_leaf {
    char record[32];
    tree_hash hash;
    uint8_t seal[TREE_HASH];
} evidence_leaf;
typedef struct evidence_tree {
    evidence_leaf *leaves;
    int64_t n;
    tree_hash *nodes[64]; /* complete subtrees by level */
    size_t n_nodes[64];
    evidence_head *heads;
    size_t n_heads;
    json_t *custody; /* lines about one record; NULL: none are kept */
    const char *record, *item, *account;
    int64_t until; /* the log's head when it was begun */
    char wrong[200];
} evidence_tree;
/* One event's frames; false: enough, or something is wrong (`wrong`). */
bool evidence_tree_event(evidence_tree *tree, const upp_frames *event);
tree_store evidence_tree_store(evidence_tree *tree);
/* Every head's root and signature, that all are by the key `key` (NULL: by one key), and every
 * stamp with its way to one of `roots` (PEM; `at` NULL: the way is not looked at). False: `wrong`
 * says which is not. */
bool evidence_tree_heads(evidence_tree *tree, const uint8_t *key, upp_bytes roots);
void evidence_tree_done(evidence_tree *tree);

/* Writes what an export holds beside the sealed files. `tree` is of the whole log, with custody
 * about the record of `row`. False: said. */
bool evidence_write_proof(evidence_tree *tree, const json_t *row, const char *folder);

/* -- evidence_check.c: an exported record, and a record's folder, offline -- */
typedef struct evidence_tally {
    size_t files;
    int64_t bytes;
    bool signed_head;
    tsa_found stamp; /* of an authority; `at` 0: none */
} evidence_tally;
/* Compares a folder's files with its manifest: each there, each the same, none else but `but`
 * (NULL-terminated names; may be NULL). "": good; else what is not, in `why`. */
enum { EVIDENCE_WHY = 300 };
const char *evidence_folder(const char *folder, upp_bytes manifest, const char *const *but,
                            evidence_tally *tally, char why[EVIDENCE_WHY]);
/* Who must have signed what an export holds. */
typedef struct evidence_trust {
    const uint8_t *key; /* of the heads; NULL: any */
    upp_bytes roots;    /* PEM, of the stamps; `at` NULL: any */
} evidence_trust;
/* The same of all that an export holds: manifest, seal, leaf, the way to the signed head, its
 * stamp, custody. */
const char *evidence_exported(const char *folder, const evidence_trust *trust,
                              evidence_tally *tally, char why[EVIDENCE_WHY]);
/* What a stamp that does not hold is (tsa_check), as a sentence. */
const char *evidence_stamp_why(const char *key);
/* Is there a record's export in the folder? */
bool evidence_is_export(const char *folder);
/* Reads a whole file of at most `max` bytes with a zero byte behind it. NULL: not there, or
 * longer. */
char *evidence_read(const char *folder, const char *name, size_t max, size_t *ret_len);
#define EVIDENCE_SUMS  "export-sha256.txt"
#define EVIDENCE_HEAD  "tree-head.bin" /* the stamped bytes (leaf_stamped) */
#define EVIDENCE_STAMP "tree-head.tsr" /* the TimeStampResp over them */
