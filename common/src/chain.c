/* chain.c - the log: what a service says, hashed so that no byte of its past can change (P6). */
#include "cloudevents.pb-c.h"
#include "node_state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef Io__Cloudevents__V1__CloudEvent cloud_event;
typedef Io__Cloudevents__V1__CloudEvent__CloudEventAttributeValue attribute_value;
typedef Io__Cloudevents__V1__CloudEvent__AttributesEntry attribute_entry;

upp_bytes upp_commitment_of(const ProtobufCMessage *msg)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(msg->descriptor, "commitment");
    if (!field || field->type != PROTOBUF_C_TYPE_BYTES)
        return (upp_bytes){ 0 };
    ProtobufCBinaryData data;
    memcpy(&data, (const uint8_t *)msg + field->offset, sizeof data);
    return (upp_bytes){ data.len ? data.data : NULL, data.len };
}

static const char *text_field(const ProtobufCMessage *msg, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(msg->descriptor, name);
    if (!field || field->type != PROTOBUF_C_TYPE_STRING ||
        field->label == PROTOBUF_C_LABEL_REPEATED)
        return NULL;
    char *text;
    memcpy(&text, (const uint8_t *)msg + field->offset, sizeof text);
    return text && text[0] ? text : NULL;
}

void upp_chain_hash(const uint8_t epoch[16], int64_t seq, const uint8_t prev[32],
                    const uint8_t eh[32], uint8_t ret_hash[32])
{
    uint8_t number[8];
    upp_be64((uint64_t)seq, number);
    upp_sha256((upp_bytes[]){ { (const uint8_t *)"upp1", 4 },
                              { epoch, 16 },
                              { number, 8 },
                              { prev, 32 },
                              { eh, 32 } },
               5, ret_hash);
}

int upp_chain_open(upp_node *node)
{
    upp_txn txn = { .node = node, .read_only = true };
    node->head = (upp_point){ 0 };
    UPP_TRY(upp_epochs_read(node));
    UPP_ROWS last =
        upp_query(&txn, "SELECT seq, hash FROM upp_log ORDER BY seq DESC LIMIT 1", NO_BIND);
    if (!upp_next(&last))
        return last.rc;
    node->head.seq = upp_col_int(&last, 0);
    if (upp_col_bytes(&last, 1).len != 32)
        return upp_fail(&txn, UPP_E_STORE, "damaged log row %lld", (long long)node->head.seq);
    memcpy(node->head.hash, upp_col_bytes(&last, 1).at, 32);
    return 0;
}

/* One CloudEvents attribute with a text value. */
typedef struct attribute {
    attribute_entry entry;
    attribute_value value;
} attribute;

static void set_text(attribute *a, attribute_entry **list, size_t *n, const char *key,
                     const char *text)
{
    if (!text)
        return;
    io__cloudevents__v1__cloud_event__attributes_entry__init(&a->entry);
    io__cloudevents__v1__cloud_event__cloud_event_attribute_value__init(&a->value);
    a->value.attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_STRING;
    a->value.ce_string = upp_lend(text);
    a->entry.key = upp_lend(key);
    a->entry.value = &a->value;
    list[(*n)++] = &a->entry;
}

/* The envelope's bytes, from malloc; the caller frees them. */
static uint8_t *envelope_of(const upp_txn *txn, int64_t seq, const char *subject,
                            const ProtobufCMessage *msg, size_t *ret_len)
{
    const upp_node *node = txn->node;
    const char *type = msg->descriptor->name;
    char epoch[33], id[64], source[96], url[160], sequence[24];
    upp_hex(node->head.epoch, 16, epoch);
    snprintf(id, sizeof id, "%s-%lld", epoch, (long long)seq);
    snprintf(source, sizeof source, "/uppsikt/%s", node->service->name);
    snprintf(url, sizeof url, "type.googleapis.com/%s", type);
    snprintf(sequence, sizeof sequence, "%lld", (long long)seq);

    cloud_event event = IO__CLOUDEVENTS__V1__CLOUD_EVENT__INIT;
    event.id = id;
    event.source = source;
    event.spec_version = upp_lend("1.0");
    event.type = upp_lend(type);

    attribute attributes[7];
    attribute_entry *list[UPP_LEN(attributes)];
    size_t n = 0;
    set_text(&attributes[0], list, &n, "subject", subject);
    set_text(&attributes[1], list, &n, "sequence", sequence);
    set_text(&attributes[2], list, &n, "cause", txn->cause[0] ? txn->cause : NULL);
    set_text(&attributes[3], list, &n, "partitionkey", text_field(msg, "account"));
    set_text(&attributes[4], list, &n, "traceparent",
             txn->traceparent[0] ? txn->traceparent : NULL);
    set_text(&attributes[6], list, &n, "session", txn->session[0] ? txn->session : NULL);
    Google__Protobuf__Timestamp time = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    time.seconds = node->now / 1000;
    time.nanos = (int32_t)(node->now % 1000) * 1000000;
    set_text(&attributes[5], list, &n, "time", "");
    attributes[5].value.attr_case =
        IO__CLOUDEVENTS__V1__CLOUD_EVENT__CLOUD_EVENT_ATTRIBUTE_VALUE__ATTR_CE_TIMESTAMP;
    attributes[5].value.ce_timestamp = &time;
    event.attributes = list;
    event.n_attributes = n;

    const size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *body = malloc(len + 1);
    upp_check(body);
    protobuf_c_message_pack(msg, body);
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    any.type_url = url;
    any.value = (ProtobufCBinaryData){ len, body };
    event.data_case = IO__CLOUDEVENTS__V1__CLOUD_EVENT__DATA_PROTO_DATA;
    event.proto_data = &any;

    *ret_len = protobuf_c_message_get_packed_size(&event.base);
    uint8_t *packed = malloc(*ret_len + 1);
    upp_check(packed);
    protobuf_c_message_pack(&event.base, packed);
    free(body);
    return packed;
}

static int append(upp_txn *txn, const char *subject, const char *type, upp_bytes envelope,
                  const upp_content *content)
{
    upp_node *node = txn->node;
    upp_point next = node->head;
    uint8_t eh[32];
    next.seq++;
    upp_sha256(&envelope, 1, eh);
    upp_chain_hash(next.epoch, next.seq, node->head.hash, eh, next.hash);
    const upp_bytes commitment =
        content ? (upp_bytes){ content->commitment, 32 } : (upp_bytes){ NULL, 0 };
    UPP_TRY(upp_exec_blobs(
        txn,
        "INSERT INTO upp_log(seq, type, subject, content_ref, envelope, eh, hash, commitment)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        BIND(V(next.seq), V(type), V(subject), V(content ? content->ref : 0)),
        (upp_blob[]){
            { 5, envelope }, { 6, { eh, 32 } }, { 7, { next.hash, 32 } }, { 8, commitment } },
        4));
    node->head = next;
    return 0;
}

static int note_disposal(upp_txn *txn, const ProtobufCMessage *msg)
{
    if (msg->descriptor != &uppsikt__disposal_approved__descriptor)
        return 0;
    if (txn->n_approved == UPP_LEN(txn->approved))
        return upp_fail(txn, UPP_E_BUG, "too many disposals in one input");
    const size_t len = protobuf_c_message_get_packed_size(msg);
    uint8_t *packed = malloc(len + 1);
    upp_check(packed);
    protobuf_c_message_pack(msg, packed);
    ProtobufCMessage *copy = protobuf_c_message_unpack(msg->descriptor, NULL, len, packed);
    free(packed);
    upp_check(copy);
    txn->approved[txn->n_approved++] = copy;
    return 0;
}

int upp_emit(upp_txn *txn, const char *subject, const ProtobufCMessage *msg,
             const upp_content *content)
{
    upp_check(!txn->read_only);
    const upp_bytes said = upp_commitment_of(msg);
    if (content ? said.len != 32 || memcmp(said.at, content->commitment, 32) != 0 : said.at != NULL)
        return upp_fail(txn, UPP_E_BUG, "%s: its commitment is not its content's",
                        msg->descriptor->name);
    size_t len = 0;
    uint8_t *envelope = envelope_of(txn, txn->node->head.seq + 1, subject, msg, &len);
    int rc =
        len > UPP_EVENT_BYTES - (content ? UPP_CONTENT_BYTES : 0)
            ? upp_fail(txn, UPP_E_INPUT, "%s of %zu bytes is too large for the bus",
                       msg->descriptor->name, len)
            : append(txn, subject, msg->descriptor->name, (upp_bytes){ envelope, len }, content);
    free(envelope);
    UPP_TRY(rc);
    upp_node_count(txn->node->published, msg->descriptor->name);
    return note_disposal(txn, msg);
}

upp_point upp_node_head(const upp_node *node)
{
    return node->head;
}

int upp_chain_at(upp_txn *txn, int64_t seq, uint8_t ret_hash[32])
{
    memset(ret_hash, 0, 32);
    if (seq == 0)
        return 0;
    UPP_ROWS row = upp_query(txn, "SELECT hash FROM upp_log WHERE seq = ?1", BIND(V(seq)));
    if (!upp_next(&row))
        return row.rc < 0 ? row.rc : 1;
    const upp_bytes hash = upp_col_bytes(&row, 0);
    if (hash.len != 32)
        return upp_fail(txn, UPP_E_STORE, "damaged log row %lld", (long long)seq);
    memcpy(ret_hash, hash.at, 32);
    return 0;
}

int upp_node_holds(upp_node *node, const upp_point *point)
{
    upp_txn txn = { .node = node, .read_only = true };
    uint8_t hash[32];
    if (point->seq == 0)
        return 0;
    if (point->seq > node->head.seq ||
        memcmp(point->epoch, upp_epoch_of(node, point->seq), 16) != 0)
        return 1;
    const int missing = upp_chain_at(&txn, point->seq, hash);
    if (missing)
        return missing;
    return memcmp(hash, point->hash, 32) == 0 ? 0 : 1;
}

static size_t pack_into(const ProtobufCMessage *msg, uint8_t **buffer, size_t *size)
{
    const size_t len = protobuf_c_message_get_packed_size(msg);
    if (len > *size) {
        free(*buffer);
        *buffer = malloc(len);
        upp_check(*buffer);
        *size = len;
    }
    return protobuf_c_message_pack(msg, *buffer);
}

static void free_bytes(uint8_t **bytes)
{
    free(*bytes);
}

int upp_node_log(upp_node *node, int64_t after, upp_each *each, void *ctx)
{
    upp_txn txn = { .node = node, .read_only = true };
    UPP_AUTO(free_bytes) uint8_t *chain = NULL;
    UPP_AUTO(free_bytes) uint8_t *content = NULL;
    size_t chain_size = 0, content_size = 0;
    uint8_t prev[32];
    UPP_TRY(upp_chain_at(&txn, after, prev));
    UPP_ROWS row = upp_query(&txn,
                             "SELECT l.seq, l.type, l.envelope, l.eh, l.hash, c.salt, c.body"
                             " FROM upp_log l LEFT JOIN upp_content c ON c.id = l.content_ref"
                             " WHERE l.seq > ?1 ORDER BY l.seq",
                             BIND(V(after)));
    while (upp_next(&row)) {
        const upp_bytes eh = upp_col_bytes(&row, 3), hash = upp_col_bytes(&row, 4);
        const upp_bytes salt = upp_col_bytes(&row, 5), body = upp_col_bytes(&row, 6);
        Uppsikt__Chain link = UPPSIKT__CHAIN__INIT;
        link.seq = upp_col_int(&row, 0);
        const uint8_t *epoch = upp_epoch_of(node, link.seq);
        link.epoch = (ProtobufCBinaryData){ 16, (uint8_t *)upp_lend((const char *)epoch) };
        link.prev = (ProtobufCBinaryData){ 32, prev };
        link.eh = (ProtobufCBinaryData){ eh.len, (uint8_t *)upp_lend((const char *)eh.at) };
        link.hash = (ProtobufCBinaryData){ hash.len, (uint8_t *)upp_lend((const char *)hash.at) };
        upp_frames frames = { .envelope = upp_col_bytes(&row, 2) };
        const char *type = upp_col_text(&row, 1);
        frames.type = (upp_bytes){ (const uint8_t *)type, strlen(type) };
        frames.chain.len = pack_into(&link.base, &chain, &chain_size);
        frames.chain.at = chain;
        if (salt.at) {
            Uppsikt__ContentFrame frame = UPPSIKT__CONTENT_FRAME__INIT;
            frame.salt =
                (ProtobufCBinaryData){ salt.len, (uint8_t *)upp_lend((const char *)salt.at) };
            frame.body =
                (ProtobufCBinaryData){ body.len, (uint8_t *)upp_lend((const char *)body.at) };
            frames.content.len = pack_into(&frame.base, &content, &content_size);
            frames.content.at = content;
        }
        if (!each(ctx, &frames))
            return 0;
        memcpy(prev, hash.at, 32);
    }
    return row.rc;
}

/* One row of the chain against the one before it; 1: it does not fit, the failure says why. */
static int verify_row(upp_txn *txn, const upp_rows *row, int64_t *seq, uint8_t prev[32])
{
    const upp_node *node = txn->node;
    const upp_bytes envelope = upp_col_bytes(row, 1), hash = upp_col_bytes(row, 2);
    const upp_bytes said = upp_col_bytes(row, 3), salt = upp_col_bytes(row, 4);
    uint8_t eh[32], expected[32], commitment[32];
    if (upp_col_int(row, 0) != ++*seq) {
        upp_fail(txn, UPP_E_STORE, "log: %lld is missing", (long long)*seq);
        return 1;
    }
    upp_sha256(&envelope, 1, eh);
    upp_chain_hash(upp_epoch_of(node, *seq), *seq, prev, eh, expected);
    if (hash.len != 32 || memcmp(hash.at, expected, 32) != 0) {
        upp_fail(txn, UPP_E_STORE, "log: event %lld or the one before it was changed",
                 (long long)*seq);
        return 1;
    }
    if (salt.at) {
        upp_commit_to(salt, upp_col_bytes(row, 5), commitment);
        if (said.len != 32 || memcmp(said.at, commitment, 32) != 0) {
            upp_fail(txn, UPP_E_STORE, "content of event %lld was changed", (long long)*seq);
            return 1;
        }
    }
    memcpy(prev, expected, 32);
    return 0;
}

int upp_node_verify(upp_node *node)
{
    upp_txn txn = { .node = node, .read_only = true };
    uint8_t prev[32] = { 0 };
    int64_t seq = 0;
    UPP_ROWS row = upp_query(&txn,
                             "SELECT l.seq, l.envelope, l.hash, l.commitment, c.salt, c.body"
                             " FROM upp_log l LEFT JOIN upp_content c ON c.id = l.content_ref"
                             " ORDER BY l.seq",
                             NO_BIND);
    while (upp_next(&row))
        if (verify_row(&txn, &row, &seq, prev))
            return 1;
    if (row.rc == 0 && seq != node->head.seq) {
        upp_fail(&txn, UPP_E_STORE, "log: ends at %lld, not at %lld", (long long)seq,
                 (long long)node->head.seq);
        return 1;
    }
    return row.rc;
}
