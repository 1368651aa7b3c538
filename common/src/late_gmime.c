/* late_gmime.c - GMime's functions under their own names, each handed on to the library; those of
 * GLib too, which the library brings. */
#include "late_gmime.h"
#include "late.h"
#include "upp/base.h"
#include <gmime/gmime.h>
#include <pthread.h>

// clang-format off
/* Every function that somebody here calls: what it gives, name, parameters, arguments. */
#define GMIME_GIVING(X)                                                                            \
    X(GMimeStream *, g_mime_stream_mem_new, (void), ())                                            \
    X(GMimeStream *, g_mime_stream_mem_new_with_buffer, (const char *bytes, size_t n), (bytes, n)) \
    X(GByteArray *, g_mime_stream_mem_get_byte_array, (GMimeStreamMem *stream), (stream))          \
    X(GMimeStream *, g_mime_stream_filter_new, (GMimeStream *stream), (stream))                    \
    X(int, g_mime_stream_filter_add, (GMimeStreamFilter *stream, GMimeFilter *filter),             \
      (stream, filter))                                                                            \
    X(int, g_mime_stream_flush, (GMimeStream *stream), (stream))                                   \
    X(GMimeFilter *, g_mime_filter_charset_new, (const char *from, const char *to), (from, to))    \
    X(GMimeParser *, g_mime_parser_new_with_stream, (GMimeStream *stream), (stream))               \
    X(GMimeMessage *, g_mime_parser_construct_message,                                             \
      (GMimeParser *parser, GMimeParserOptions *options), (parser, options))                       \
    X(GMimeObject *, g_mime_message_get_mime_part, (GMimeMessage *message), (message))             \
    X(GMimeHeaderList *, g_mime_object_get_header_list, (GMimeObject *object), (object))           \
    X(int, g_mime_header_list_get_count, (GMimeHeaderList *list), (list))                          \
    X(GMimeHeader *, g_mime_header_list_get_header_at, (GMimeHeaderList *list, int at), (list, at))\
    X(const char *, g_mime_header_get_name, (GMimeHeader *header), (header))                       \
    X(const char *, g_mime_header_get_value, (GMimeHeader *header), (header))                      \
    X(const char *, g_mime_header_get_raw_value, (GMimeHeader *header), (header))                  \
    X(GMimeContentType *, g_mime_object_get_content_type, (GMimeObject *object), (object))         \
    X(const char *, g_mime_object_get_content_type_parameter,                                      \
      (GMimeObject *object, const char *name), (object, name))                                     \
    X(const char *, g_mime_object_get_disposition, (GMimeObject *object), (object))                \
    X(gboolean, g_mime_content_type_is_type,                                                       \
      (GMimeContentType *type, const char *major, const char *minor), (type, major, minor))        \
    X(GType, g_mime_multipart_get_type, (void), ())                                                \
    X(int, g_mime_multipart_get_count, (GMimeMultipart *multipart), (multipart))                   \
    X(GMimeObject *, g_mime_multipart_get_part, (GMimeMultipart *multipart, int at),               \
      (multipart, at))                                                                             \
    X(GType, g_mime_message_part_get_type, (void), ())                                             \
    X(GMimeMessage *, g_mime_message_part_get_message, (GMimeMessagePart *part), (part))           \
    X(GType, g_mime_part_get_type, (void), ())                                                     \
    X(GMimeDataWrapper *, g_mime_part_get_content, (GMimePart *part), (part))                      \
    X(ssize_t, g_mime_data_wrapper_write_to_stream,                                                \
      (GMimeDataWrapper *wrapper, GMimeStream *stream), (wrapper, stream))                         \
    X(InternetAddressList *, internet_address_list_parse,                                          \
      (GMimeParserOptions *options, const char *text), (options, text))                            \
    X(int, internet_address_list_length, (InternetAddressList *list), (list))                      \
    X(InternetAddress *, internet_address_list_get_address, (InternetAddressList *list, int at),   \
      (list, at))                                                                                  \
    X(GType, internet_address_mailbox_get_type, (void), ())                                        \
    X(const char *, internet_address_mailbox_get_addr, (InternetAddressMailbox *mailbox),          \
      (mailbox))                                                                                   \
    X(gboolean, g_type_check_instance_is_a, (GTypeInstance *instance, GType type),                 \
      (instance, type))
#define GMIME_SILENT(X)                                                                            \
    X(void, g_object_unref, (gpointer object), (object))
#define GMIME_OTHER(X) /* for us alone */                                                          \
    X(void, g_mime_init, (void), ())
// clang-format on

typedef struct gmime_calls {
#define GMIME_FIELD(type, name, parameters, arguments) type(*name) parameters;
    GMIME_GIVING(GMIME_FIELD) GMIME_SILENT(GMIME_FIELD) GMIME_OTHER(GMIME_FIELD)
#undef GMIME_FIELD
} gmime_calls;

static gmime_calls real;

static const upp_late_row rows[] = {
#define GMIME_ROW(type, name, parameters, arguments) { #name, offsetof(gmime_calls, name) },
    GMIME_GIVING(GMIME_ROW) GMIME_SILENT(GMIME_ROW) GMIME_OTHER(GMIME_ROW)
#undef GMIME_ROW
};

static const upp_late late = { .title = "GMime",
                               .file = UPP_GMIME_LIBRARY,
                               .rows = rows,
                               .n_rows = UPP_LEN(rows),
                               .table = &real };

static void load_for_good(void)
{
    upp_late_load(&late);
    real.g_mime_init();
}

static const gmime_calls *gmime(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    upp_check(pthread_once(&once, load_for_good) == 0);
    return &real;
}

/* In brackets: GLib has a macro of the name of some. */
#define GMIME_HAND_ON(type, name, parameters, arguments)                                           \
    type(name) parameters                                                                          \
    {                                                                                              \
        return gmime()->name arguments;                                                            \
    }
GMIME_GIVING(GMIME_HAND_ON)
#undef GMIME_HAND_ON
#define GMIME_HAND_ON(type, name, parameters, arguments)                                           \
    type(name) parameters                                                                          \
    {                                                                                              \
        gmime()->name arguments;                                                                   \
    }
GMIME_SILENT(GMIME_HAND_ON)
#undef GMIME_HAND_ON

const char *upp_gmime_lacks(void)
{
    return upp_late_lacks(&late);
}
