/* sim_parcel.c - frames with a count of their holders. */
#include "sim_parcel.h"
#include "sim_buf.h"
#include "uppsikt/bus.pb-c.h"

struct sim_parcel {
    unsigned holders;
    size_t len[4];
    sim_buf bytes;
};

sim_parcel *sim_parcel_new(const upp_frames *frames)
{
    sim_parcel *p = sim_alloc(sizeof *p);
    const upp_bytes all[4] = { frames->type, frames->envelope, frames->chain, frames->content };
    p->holders = 1;
    for (size_t i = 0; i < 4; i++) {
        p->len[i] = all[i].at ? all[i].len : 0;
        sim_buf_add(&p->bytes, all[i].at, p->len[i]);
    }
    return p;
}

sim_parcel *sim_parcel_keep(sim_parcel *p)
{
    p->holders++;
    return p;
}

void sim_parcel_drop(sim_parcel *p)
{
    if (!p || --p->holders > 0)
        return;
    sim_buf_done(&p->bytes);
    free(p);
}

upp_frames sim_parcel_frames(const sim_parcel *p)
{
    upp_bytes all[4];
    size_t from = 0;
    for (size_t i = 0; i < 4; i++) {
        all[i] = (upp_bytes){ p->len[i] ? p->bytes.at + from : NULL, p->len[i] };
        from += p->len[i];
    }
    return (upp_frames){ all[0], all[1], all[2], all[3] };
}

sim_parcel *sim_parcel_command(const uint8_t id[16], const char *by, upp_ms now,
                               const ProtobufCMessage *m)
{
    uint8_t own[16];
    memcpy(own, id, 16);
    Uppsikt__RequestHead head = UPPSIKT__REQUEST_HEAD__INIT;
    head.id = (ProtobufCBinaryData){ sizeof own, own };
    head.by = upp_lend(by ? by : "");
    head.sent_ms = now;
    sim_buf packed_head = { 0 }, packed = { 0 };
    sim_buf_resize(&packed_head, protobuf_c_message_get_packed_size(&head.base));
    protobuf_c_message_pack(&head.base, packed_head.at);
    sim_buf_resize(&packed, protobuf_c_message_get_packed_size(m) + 1);
    packed.len = protobuf_c_message_pack(m, packed.at);
    const char *type = m->descriptor->name;
    sim_parcel *p = sim_parcel_new(&(upp_frames){
        .type = { (const uint8_t *)type, strlen(type) },
        .envelope = { packed_head.at, packed_head.len },
        .content = { packed.at, packed.len },
    });
    sim_buf_done(&packed_head);
    sim_buf_done(&packed);
    return p;
}
