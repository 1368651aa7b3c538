/* bag.c - the tag files of a bag (RFC 8493). */
#include "bag.h"

#include <inttypes.h>
#include <string.h>

void bag_tags_done(bag_tags *tags)
{
    buf_done(&tags->bagit);
    buf_done(&tags->info);
    buf_done(&tags->manifest);
    buf_done(&tags->tagmanifest);
}

static int add_field(buf *out, const char *name, const char *value)
{
    if (!*value || strpbrk(value, "\r\n"))
        return UPP_E_INPUT;
    return buf_printf(out, "%s: %s\n", name, value);
}

static int make_info(const bag_info *info, const manifest_row *payload, size_t n, buf *out)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += payload[i].bytes;
    UPP_TRY(add_field(out, "Source-Organization", info->organisation));
    UPP_TRY(add_field(out, "External-Identifier", info->object_id));
    UPP_TRY(add_field(out, "Bagging-Date", info->date));
    UPP_TRY(buf_printf(out, "Payload-Oxum: %" PRIu64 ".%zu\n", bytes, n));
    UPP_TRY(add_field(out, "Bag-Software-Agent", info->software));
    UPP_TRY(add_field(out, "Contact-Name", info->contact));
    return add_field(out, "Bag-Group-Identifier", info->occasion);
}

static int make_tagmanifest(bag_tags *tags)
{
    const struct {
        const char *path;
        const buf *text;
    } file[] = { { "bag-info.txt", &tags->info },
                 { "bagit.txt", &tags->bagit },
                 { "manifest-sha256.txt", &tags->manifest } };
    manifest_row rows[UPP_LEN(file)] = { 0 };
    for (size_t i = 0; i < UPP_LEN(file); i++) {
        rows[i].path = file[i].path;
        fixity_of((upp_bytes){ 0 }, buf_bytes(file[i].text), rows[i].sha256);
    }
    const sink out = buf_sink(&tags->tagmanifest);
    return manifest_write(rows, UPP_LEN(rows), &out);
}

int bag_make(const bag_info *info, manifest_row *payload, size_t n, bag_tags *ret_tags)
{
    UPP_AUTO(bag_tags_done) bag_tags tags = { 0 };
    UPP_TRY(manifest_sort(payload, n));
    for (size_t i = 0; i < n; i++) {
        if (strncmp(payload[i].path, "data/", 5) != 0 || !fixity_well_formed(payload[i].sha256))
            return UPP_E_INPUT;
    }
    UPP_TRY(buf_printf(&tags.bagit, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
    UPP_TRY(make_info(info, payload, n, &tags.info));
    const sink out = buf_sink(&tags.manifest);
    UPP_TRY(manifest_write(payload, n, &out));
    UPP_TRY(make_tagmanifest(&tags));
    *ret_tags = tags;
    tags = (bag_tags){ 0 }; /* the caller's now */
    return 0;
}
