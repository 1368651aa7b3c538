/* mail_in.c - which of our mails a mail is about, what kind it is, what it says. */
#include "mail_in.h"
#include "mail_header.h"
#include "mail_in_bound.h"
#include "mail_in_text.h"
#include <gmime/gmime.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    PARTS = 64,
    LEVELS = 8,
    SENDER = 4096, /* of a From */
    NAME = 32,     /* of a field of a report */
    VALUE = 200,
    NO_CODE = 550, /* RFC 5321 §4.2.3: the mailbox is not available */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_key(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* ---- which of our mails ---- */

/* The text between < and > as one of our Message-IDs. */
static bool own_id(const char *at, size_t len, const char *domain, char ret_key[MAIL_IN_NOTICE])
{
    size_t n = 0;
    while (n < len && n < MAIL_IN_NOTICE && is_key(at[n]))
        n++;
    if (n == 0 || n >= MAIL_IN_NOTICE || n == len || at[n] != '@' ||
        len - n - 1 != strlen(domain) || strncasecmp(at + n + 1, domain, len - n - 1) != 0)
        return false;
    memcpy(ret_key, at, n);
    ret_key[n] = '\0';
    return true;
}

/* The last of ours among the Message-IDs of a field; ret_key stays when there is none. */
static bool last_own(const char *value, const char *domain, char ret_key[MAIL_IN_NOTICE])
{
    bool any = false;
    const char *open = NULL;
    for (const char *at = value; *at; at++) {
        if (*at == '<')
            open = at + 1;
        if (*at == '>' && open) {
            any = own_id(open, (size_t)(at - open), domain, ret_key) || any;
            open = NULL;
        }
    }
    return any;
}

/* ---- a mail's head ---- */

/* Each field of that name in turn; NULL: no more. *at begins at 0. */
static GMimeHeader *next_field(GMimeMessage *message, const char *name, int *at)
{
    GMimeHeaderList *list = g_mime_object_get_header_list((GMimeObject *)message);
    const int n = g_mime_header_list_get_count(list);
    while (*at < n) {
        GMimeHeader *field = g_mime_header_list_get_header_at(list, (*at)++);
        if (strcasecmp(g_mime_header_get_name(field), name) == 0)
            return field;
    }
    return NULL;
}

/* Its words, unfolded and decoded: long Message-IDs are sent as encoded words by some. */
static const char *next_value(GMimeMessage *message, const char *name, int *at)
{
    GMimeHeader *field = next_field(message, name, at);
    const char *value = field ? g_mime_header_get_value(field) : NULL;
    return field && !value ? "" : value;
}

static bool names_own(GMimeMessage *message, const char *name, const char *domain,
                      char ret_key[MAIL_IN_NOTICE])
{
    bool any = false;
    const char *value;
    for (int at = 0; (value = next_value(message, name, &at));)
        any = last_own(value, domain, ret_key) || any;
    return any;
}

static bool refers_to_own(GMimeMessage *message, const char *domain, char ret_key[MAIL_IN_NOTICE])
{
    return names_own(message, "In-Reply-To", domain, ret_key) ||
           names_own(message, "References", domain, ret_key);
}

/* Does the value begin with this word, in whatever case, with nothing but blanks before it? */
static bool word_first(const char *value, const char *word)
{
    const size_t n = strlen(word);
    while (is_blank(*value))
        value++;
    return strncasecmp(value, word, n) == 0 && !is_key(value[n]) && value[n] != '_';
}

static bool is_mass(const char *precedence)
{
    return word_first(precedence, "bulk") || word_first(precedence, "junk") ||
           word_first(precedence, "list") || word_first(precedence, "auto_reply") ||
           word_first(precedence, "auto-reply");
}

/* Nobody to send an answer to: <>. */
static bool is_nobody(const char *path)
{
    while (is_blank(*path) || *path == '<' || *path == '>')
        path++;
    return *path == '\0';
}

static bool is_automatic(GMimeMessage *message)
{
    bool automatic = false;
    const char *value;
    for (int at = 0; (value = next_value(message, "Auto-Submitted", &at));)
        automatic = automatic || !word_first(value, "no");
    for (int at = 0; (value = next_value(message, "Precedence", &at));)
        automatic = automatic || is_mass(value);
    for (int at = 0; (value = next_value(message, "Return-Path", &at));)
        automatic = automatic || is_nobody(value);
    int reply = 0, respond = 0;
    return automatic || next_field(message, "X-Autoreply", &reply) ||
           next_field(message, "X-Autorespond", &respond);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void copy_address(InternetAddressList *list, char ret_from[MAIL_IN_ADDRESS])
{
    InternetAddress *first =
        internet_address_list_length(list) == 1 ? internet_address_list_get_address(list, 0) : NULL;
    const char *address = first && INTERNET_ADDRESS_IS_MAILBOX(first)
                              ? internet_address_mailbox_get_addr((InternetAddressMailbox *)first)
                              : NULL;
    if (!address || strlen(address) >= MAIL_IN_ADDRESS || !mail_address_ok(address))
        return;
    size_t n = 0;
    for (; address[n]; n++)
        ret_from[n] = lower(address[n]);
    ret_from[n] = '\0';
}

/* The raw value: what an encoded word holds is no syntax (RFC 2047 §5). */
static void read_from(GMimeMessage *message, char ret_from[MAIL_IN_ADDRESS])
{
    int at = 0;
    GMimeHeader *field = next_field(message, "From", &at);
    const char *value = field ? g_mime_header_get_raw_value(field) : NULL;
    if (!value || strlen(value) > SENDER || next_field(message, "From", &at))
        return;
    InternetAddressList *list = internet_address_list_parse(NULL, value);
    if (!list)
        return;
    copy_address(list, ret_from);
    g_object_unref(list);
}

/* ---- its parts ---- */

typedef struct walk {
    struct {
        GMimeMultipart *parent;
        int at;
    } levels[LEVELS];
    int deep, seen;
} walk;

static bool is_type(GMimeObject *part, const char *major, const char *minor)
{
    return g_mime_content_type_is_type(g_mime_object_get_content_type(part), major, minor);
}

/* Goes into a multipart, where that is not too deep; true: it is a leaf. */
static bool is_leaf(walk *w, GMimeObject *part)
{
    w->seen++;
    if (!GMIME_IS_MULTIPART(part))
        return true;
    if (w->deep < LEVELS) {
        w->levels[w->deep].parent = (GMimeMultipart *)part;
        w->levels[w->deep++].at = 0;
    }
    return false;
}

/* The next part that is no multipart, in their order; NULL: no more are looked at. The parts of a
 * mail within the mail are not its own. */
static GMimeObject *next_leaf(walk *w)
{
    while (w->deep > 0 && w->seen < PARTS) {
        GMimeMultipart *parent = w->levels[w->deep - 1].parent;
        const int at = w->levels[w->deep - 1].at++;
        GMimeObject *part =
            at < g_mime_multipart_get_count(parent) ? g_mime_multipart_get_part(parent, at) : NULL;
        if (!part)
            w->deep--;
        else if (is_leaf(w, part))
            return part;
    }
    return NULL;
}

/* The first leaf that `fits`. */
static GMimeObject *leaf_that(GMimeMessage *message, bool (*fits)(GMimeObject *part))
{
    walk w = { .deep = 0 };
    GMimeObject *part = g_mime_message_get_mime_part(message);
    if (part && !is_leaf(&w, part))
        part = next_leaf(&w);
    while (part && !fits(part))
        part = next_leaf(&w);
    return part;
}

/* NULL: UTF-8, or nothing else is said. Who says ISO-8859-1 means Windows' (WHATWG Encoding). */
static const char *charset_of(GMimeObject *part)
{
    const char *charset = g_mime_object_get_content_type_parameter(part, "charset");
    if (!charset || strcasecmp(charset, "utf-8") == 0 || strcasecmp(charset, "us-ascii") == 0)
        return NULL;
    return strcasecmp(charset, "iso-8859-1") == 0 ? "windows-1252" : charset;
}

/* What the part holds, decoded, in UTF-8 as far as it is any; the caller unrefs the stream. */
static upp_bytes content_of(GMimeObject *part, GMimeStream **ret_stream)
{
    *ret_stream = g_mime_stream_mem_new();
    GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)part);
    const char *charset = charset_of(part);
    GMimeFilter *filter = charset ? g_mime_filter_charset_new(charset, "utf-8") : NULL;
    GMimeStream *through = g_mime_stream_filter_new(*ret_stream);
    if (filter) {
        g_mime_stream_filter_add((GMimeStreamFilter *)through, filter);
        g_object_unref(filter);
    }
    if (content) {
        g_mime_data_wrapper_write_to_stream(content, through);
        g_mime_stream_flush(through);
    }
    g_object_unref(through);
    const GByteArray *bytes = g_mime_stream_mem_get_byte_array((GMimeStreamMem *)*ret_stream);
    return (upp_bytes){ bytes->data, bytes->len };
}

static char *clean_content(GMimeObject *part)
{
    GMimeStream *stream;
    const upp_bytes bytes = content_of(part, &stream);
    char *text = mail_in_clean(bytes.at, bytes.len);
    g_object_unref(stream);
    return text;
}

/* ---- reports ---- */

/* One field of a text that is made like a mail's head; name "": an empty line. */
typedef struct entry {
    char name[NAME], value[VALUE];
} entry;

static void add(char *to, size_t size, const char *from, size_t n)
{
    const size_t used = strlen(to);
    if (n >= size - used)
        n = size - used - 1;
    memcpy(to + used, from, n);
    to[used + n] = '\0';
}

/* False: no more. What does not fit an entry is cut off. */
static bool next_entry(const char **at, entry *ret_entry)
{
    *ret_entry = (entry){ .name = "" };
    if (**at == '\0')
        return false;
    size_t n = strcspn(*at, "\n");
    const size_t colon = strcspn(*at, ":\n");
    if (colon < n) {
        size_t end = colon;
        while (end > 0 && is_blank((*at)[end - 1]))
            end--;
        add(ret_entry->name, sizeof ret_entry->name, *at, end);
        add(ret_entry->value, sizeof ret_entry->value, *at + colon + 1, n - colon - 1);
    }
    *at += n + ((*at)[n] == '\n');
    while (n > 0 && **at == ' ') { /* folded; a tab is a blank by now */
        n = strcspn(*at, "\n");
        add(ret_entry->value, sizeof ret_entry->value, *at, n);
        *at += n + ((*at)[n] == '\n');
    }
    return true;
}

static bool is_status(GMimeObject *part)
{
    return GMIME_IS_PART(part) && (is_type(part, "message", "delivery-status") ||
                                   is_type(part, "message", "global-delivery-status"));
}

/* The mail that did not arrive, or its head. */
static bool is_returned(GMimeObject *part)
{
    return GMIME_IS_MESSAGE_PART(part) ||
           (GMIME_IS_PART(part) && (is_type(part, "text", "rfc822-headers") ||
                                    is_type(part, "message", "global-headers")));
}

/* RFC 6522; who leaves out the type of the report means this one. */
static bool is_report(GMimeMessage *message)
{
    GMimeObject *part = g_mime_message_get_mime_part(message);
    return part && is_type(part, "multipart", "report");
}

static bool is_delivery_report(GMimeMessage *message)
{
    GMimeObject *part = g_mime_message_get_mime_part(message);
    const char *type = g_mime_object_get_content_type_parameter(part, "report-type");
    return !type || strcasecmp(type, "delivery-status") == 0;
}

/* Of "smtp; 550 5.1.1 ..."; 0: none. */
static uint32_t code_of(const char *diagnostic)
{
    const char *at = strchr(diagnostic, ';');
    if (!at || !word_first(diagnostic, "smtp"))
        return 0;
    at++;
    while (is_blank(*at))
        at++;
    if (at[0] != '5' || !is_digit(at[1]) || !is_digit(at[2]) || is_digit(at[3]))
        return 0;
    return 500 + 10 * (uint32_t)(at[1] - '0') + (uint32_t)(at[2] - '0');
}

/* The code of the first recipient for whom it failed; 0: there is none. "failed" is final whatever
 * the status (RFC 3464 §2.3.3): a server that gave up after days of 4.4.7 says so, too. */
static uint32_t failure(const char *text)
{
    bool failed = false, more = true;
    uint32_t code = 0;
    while (more) {
        entry e;
        more = next_entry(&text, &e);
        if (strcasecmp(e.name, "Action") == 0)
            failed = word_first(e.value, "failed");
        else if (strcasecmp(e.name, "Diagnostic-Code") == 0)
            code = code_of(e.value);
        if (more && e.name[0])
            continue;
        if (failed)
            return code ? code : NO_CODE;
        failed = false;
        code = 0;
    }
    return 0;
}

static uint32_t failure_of(GMimeMessage *message)
{
    GMimeObject *status = is_delivery_report(message) ? leaf_that(message, is_status) : NULL;
    if (!status)
        return 0;
    char *text = clean_content(status);
    const uint32_t code = failure(text);
    free(text);
    return code;
}

static bool head_is_own(const char *text, const char *domain, char ret_key[MAIL_IN_NOTICE])
{
    entry e;
    while (next_entry(&text, &e) && e.name[0]) {
        if (strcasecmp(e.name, "Message-ID") == 0)
            return last_own(e.value, domain, ret_key);
    }
    return false;
}

static bool returns_own(GMimeMessage *message, const char *domain, char ret_key[MAIL_IN_NOTICE])
{
    GMimeObject *part = leaf_that(message, is_returned);
    if (!part)
        return false;
    if (GMIME_IS_MESSAGE_PART(part)) {
        GMimeMessage *returned = g_mime_message_part_get_message((GMimeMessagePart *)part);
        return returned && names_own(returned, "Message-ID", domain, ret_key);
    }
    char *text = clean_content(part);
    const bool own = head_is_own(text, domain, ret_key);
    free(text);
    return own;
}

/* ---- words ---- */

static bool is_body(GMimeObject *part, const char *minor)
{
    const char *disposition = g_mime_object_get_disposition(part);
    return GMIME_IS_PART(part) && is_type(part, "text", minor) &&
           !(disposition && strcasecmp(disposition, "attachment") == 0);
}

static bool is_plain(GMimeObject *part)
{
    return is_body(part, "plain");
}

static bool is_html(GMimeObject *part)
{
    return is_body(part, "html");
}

static char *words_of(GMimeMessage *message)
{
    GMimeObject *part = leaf_that(message, is_plain);
    char *text = part ? clean_content(part) : NULL;
    const bool empty = !text || text[strspn(text, " \n")] == '\0';
    GMimeObject *page = empty ? leaf_that(message, is_html) : NULL;
    if (page) {
        char *html = clean_content(page);
        free(text);
        text = mail_in_plain(html);
        free(html);
    }
    char *own = mail_in_own(text ? text : "", MAIL_IN_TEXT);
    free(text);
    return own;
}

/* ---- all of it ---- */

static void read_message(GMimeMessage *message, const char *domain, mail_in *mail)
{
    read_from(message, mail->from);
    if (!is_report(message) || !returns_own(message, domain, mail->notice))
        refers_to_own(message, domain, mail->notice);
    if (is_report(message)) {
        mail->reply = failure_of(message);
        mail->kind = mail->reply > 0 ? MAIL_IN_BOUNCE : MAIL_IN_OTHER;
    } else if (is_automatic(message)) {
        mail->kind = MAIL_IN_AWAY;
    } else if (mail->notice[0]) {
        mail->kind = MAIL_IN_ANSWER;
        mail->text = words_of(message);
    }
}

void mail_in_read(const uint8_t *bytes, size_t len, const char *domain, mail_in *ret_mail)
{
    *ret_mail = (mail_in){ .kind = MAIL_IN_OTHER };
    size_t n;
    char *copy = mail_in_bound(bytes, len, &n);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(copy, n);
    free(copy); /* the stream has its own */
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    if (message) {
        read_message(message, domain, ret_mail);
        g_object_unref(message);
    }
    g_object_unref(parser);
    g_object_unref(stream);
    if (!ret_mail->text)
        ret_mail->text = calloc(1, 1);
    upp_check(ret_mail->text);
}

void mail_in_done(mail_in *mail)
{
    free(mail->text);
    mail->text = NULL;
}
