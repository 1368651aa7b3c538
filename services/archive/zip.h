/* zip.h - the zip file that a WACZ is, in one form: fixed date 1980-01-01, mode 0644, no extra
 * fields (APPNOTE 6.3.x, without zip64: a package is split well below 4 GiB). Our own because
 * libarchive turns the date by the zone of the machine and writes sizes after the data: the
 * bytes would differ. */
#pragma once
#include "complaint.h"
#include "stream.h"

enum zip_method { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

/* Keeps count of what was written. All zero but `out` at the start. */
typedef struct zip_writer {
    sink out;
    uint64_t at;
    buf directory;
    unsigned entries;
} zip_writer;

void zip_writer_done(zip_writer *w);
/* Adds `content` under `path`; the source is read twice when STORED, and whole in memory when
 * DEFLATED. 0; UPP_E_INPUT: the path does not stay inside or the file would be too long for a
 * zip; UPP_E_BUSY; what source or sink gave: the file is then to be thrown away. */
UPP_MUST_USE int zip_add(zip_writer *w, const char *path, enum zip_method method,
                         const source *content);
/* Writes the directory: the end. */
UPP_MUST_USE int zip_end(zip_writer *w);

/* An entry of a zip that was read. */
typedef struct zip_entry {
    char *path;
    uint64_t head;   /* offset of its local header */
    uint64_t at;     /* offset of its data */
    uint64_t packed; /* bytes of its data */
    uint64_t bytes;  /* unpacked */
    uint32_t crc;
    uint16_t method;
    uint16_t mode; /* of unix, where the zip says it */
} zip_entry;

typedef struct zip {
    const source *in;
    zip_entry *entries;
    size_t n;
} zip;

void zip_done(zip *z);
/* Reads the directory. Complaints: no zip, an entry outside the file or under a path that does
 * not stay inside or twice, a method that is neither; and, `own_form`: any byte that zip_add()
 * would have written otherwise, and bytes between or after the entries. The caller ends it with
 * zip_done(); `in` must outlive it. 1: see to->n; 0: its directory cannot be read, which was
 * complained of, *ret_zip is untouched; UPP_E_BUSY; what the source gave. */
UPP_MUST_USE int zip_read(const source *in, const char *path, bool own_form, complaints *to,
                          zip *ret_zip);
const zip_entry *zip_find(const zip *z, const char *path);
/* The stored bytes of an entry as a source over the zip; `ret_part` and `z` must outlive it. */
typedef struct zip_part {
    const source *in;
    uint64_t from;
} zip_part;
source zip_stored(const zip *z, const zip_entry *entry, zip_part *ret_part);
/* Complains when a stored entry's bytes are not those of its sum. 0, or what the source gave. */
UPP_MUST_USE int zip_check_stored(const zip *z, const zip_entry *entry, complaints *to);
/* Unpacks an entry of at most `most` bytes and holds it against its sum. 1: in `out`; 0:
 * complained of; UPP_E_BUSY; what the source gave. */
UPP_MUST_USE int zip_unpack(const zip *z, const zip_entry *entry, size_t most, complaints *to,
                            buf *out);
