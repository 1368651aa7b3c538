/* late_mhd.c - libmicrohttpd's functions under their own names, each handed on to the library. */
#include "late_mhd.h"
#include "late.h"
#include "upp/base.h"
#include <pthread.h>
#include <stdarg.h>

// clang-format off
/* Every function that somebody here calls: what it gives, name, parameters, arguments. */
#define MHD_GIVING(X)                                                                              \
    X(enum MHD_Result, run, (struct MHD_Daemon *daemon), (daemon))                                 \
    X(enum MHD_Result, get_timeout, (struct MHD_Daemon *daemon, MHD_UNSIGNED_LONG_LONG *ms),       \
      (daemon, ms))                                                                                \
    X(int, get_connection_values, (struct MHD_Connection *connection, enum MHD_ValueKind kind,     \
      MHD_KeyValueIterator each, void *ctx), (connection, kind, each, ctx))                        \
    X(const char *, lookup_connection_value,                                                       \
      (struct MHD_Connection *connection, enum MHD_ValueKind kind, const char *key),               \
      (connection, kind, key))                                                                     \
    X(struct MHD_Response *, create_response_from_buffer,                                          \
      (size_t n, void *bytes, enum MHD_ResponseMemoryMode mode), (n, bytes, mode))                 \
    X(enum MHD_Result, add_response_header,                                                        \
      (struct MHD_Response *response, const char *header, const char *content),                    \
      (response, header, content))                                                                 \
    X(enum MHD_Result, queue_response,                                                             \
      (struct MHD_Connection *connection, unsigned status, struct MHD_Response *response),         \
      (connection, status, response))
#define MHD_SILENT(X)                                                                              \
    X(void, stop_daemon, (struct MHD_Daemon *daemon), (daemon))                                    \
    X(void, suspend_connection, (struct MHD_Connection *connection), (connection))                 \
    X(void, resume_connection, (struct MHD_Connection *connection), (connection))                  \
    X(void, destroy_response, (struct MHD_Response *response), (response))
#define MHD_OTHER(X) /* those that take anything */                                                \
    X(struct MHD_Daemon *, start_daemon,                                                           \
      (unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept, void *accept_ctx,           \
       MHD_AccessHandlerCallback request, void *request_ctx, ...), )                               \
    X(const union MHD_DaemonInfo *, get_daemon_info,                                               \
      (struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type, ...), )                            \
    X(const union MHD_ConnectionInfo *, get_connection_info,                                       \
      (struct MHD_Connection *connection, enum MHD_ConnectionInfoType type, ...), )
// clang-format on

typedef struct mhd_calls {
#define MHD_FIELD(type, name, parameters, arguments) type(*name) parameters;
    MHD_GIVING(MHD_FIELD) MHD_SILENT(MHD_FIELD) MHD_OTHER(MHD_FIELD)
#undef MHD_FIELD
} mhd_calls;

static mhd_calls real;

static const upp_late_row rows[] = {
#define MHD_ROW(type, name, parameters, arguments) { "MHD_" #name, offsetof(mhd_calls, name) },
    MHD_GIVING(MHD_ROW) MHD_SILENT(MHD_ROW) MHD_OTHER(MHD_ROW)
#undef MHD_ROW
};

static const upp_late late = { .title = "libmicrohttpd",
                               .file = UPP_MHD_LIBRARY,
                               .rows = rows,
                               .n_rows = UPP_LEN(rows),
                               .table = &real };

static void load_for_good(void)
{
    upp_late_load(&late);
}

static const mhd_calls *mhd(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    upp_check(pthread_once(&once, load_for_good) == 0);
    return &real;
}

#define MHD_HAND_ON(type, name, parameters, arguments)                                             \
    type MHD_##name parameters                                                                     \
    {                                                                                              \
        return mhd()->name arguments;                                                              \
    }
MHD_GIVING(MHD_HAND_ON)
#undef MHD_HAND_ON
#define MHD_HAND_ON(type, name, parameters, arguments)                                             \
    type MHD_##name parameters                                                                     \
    {                                                                                              \
        mhd()->name arguments;                                                                     \
    }
MHD_SILENT(MHD_HAND_ON)
#undef MHD_HAND_ON

/* One array of options stands in the place of the dots. */
struct MHD_Daemon *MHD_start_daemon(unsigned flags, uint16_t port, MHD_AcceptPolicyCallback accept,
                                    void *accept_ctx, MHD_AccessHandlerCallback request,
                                    void *request_ctx, ...)
{
    va_list args;
    va_start(args, request_ctx);
    const int first = va_arg(args, int);
    struct MHD_OptionItem *options =
        first == MHD_OPTION_ARRAY ? va_arg(args, struct MHD_OptionItem *) : NULL;
    upp_check(options && va_arg(args, int) == MHD_OPTION_END);
    va_end(args);
    return mhd()->start_daemon(flags, port, accept, accept_ctx, request, request_ctx,
                               MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon,
                                                enum MHD_DaemonInfoType type, ...)
{
    return mhd()->get_daemon_info(daemon, type);
}

const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection,
                                                        enum MHD_ConnectionInfoType type, ...)
{
    return mhd()->get_connection_info(connection, type);
}

const char *upp_mhd_lacks(void)
{
    return upp_late_lacks(&late);
}
