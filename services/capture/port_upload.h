/* port_upload.h - what belongs to a job and is too long for its message: html, pictures that lie in
 * the result's folder; read piece by piece, sent as far as there is credit. */
#pragma once
#include "port_folder.h"
#include "uppsikt/capture.pb-c.h"

enum { UPLOAD_MEDIA = 20, UPLOAD_BYTES_MAX = 32 * 1024 * 1024 };

typedef struct port_upload {
    const Uppsikt__CapturePage *page; /* lent */
    size_t html_bytes;                /* that go in parts; 0: the html is in the message */
    int fds[UPLOAD_MEDIA];            /* -1: that picture is not there, or too long */
    int64_t bytes[UPLOAD_MEDIA];
    size_t at; /* 0: the html, n: the n-th picture */
    int64_t offset;
    uint32_t credit;
} port_upload;

/* Looks at the pictures below `folder`, no link on the way. What is missing, of no kind that is
 * shown, or too much together, is left out: a picture that is gone holds nothing up. */
void port_upload_open(port_upload *upload, const Uppsikt__CapturePage *page,
                      const port_folder *folder);
void port_upload_close(port_upload *upload);
/* Fills `job` (a copy of the page, its own) with what the other side is told: lengths; `rows` and
 * `media` are its room. */
void port_upload_announce(const port_upload *upload, Uppsikt__CapturePage *job,
                          Uppsikt__CaptureMedia media[UPLOAD_MEDIA],
                          Uppsikt__CaptureMedia *rows[UPLOAD_MEDIA]);
/* The next part in `room`, of which *ret_part lends. 1: there is none now. UPP_E_INPUT: a picture
 * is another than it was. */
enum { UPLOAD_PART = 64 * 1024 };
int port_upload_next(port_upload *upload, uint8_t room[UPLOAD_PART],
                     Uppsikt__CapturePart *ret_part);
