/* backup_seal.c - sealed boxes and secret streams over descriptors. */
#include "backup_seal.h"
#include "secret_file.h"
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

enum {
    PART = 64 * 1024,
    MAGIC = 8,
    BOXED = SEAL_KEY + crypto_box_SEALBYTES,
    MORE = crypto_secretstream_xchacha20poly1305_ABYTES,
    HEADER = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
};

static const uint8_t magic[MAGIC] = { 'U', 'P', 'P', 'B', 'A', 'K', 0, 1 };

_Static_assert(SEAL_KEY == crypto_box_PUBLICKEYBYTES && SEAL_KEY == crypto_box_SECRETKEYBYTES &&
                   SEAL_KEY == crypto_secretstream_xchacha20poly1305_KEYBYTES,
               "one length for all keys");

/* -- keys -- */
int seal_key_make(const char *path, seal_key *ret_key)
{
    upp_check(sodium_init() >= 0);
    const int made = secret_file_make(path);
    if (made != 0) {
        home_sayf("%s: %s", path, made == 1 ? "is there already" : strerror(errno));
        return made == 1 ? CALL_WRONG : CALL_CONFIG;
    }
    return seal_key_read(path, ret_key) ? CALL_DONE : CALL_CONFIG;
}

static bool read_hex(const char *path, const char *text, uint8_t ret[SEAL_KEY])
{
    size_t n = 0;
    const char *end = NULL;
    if (sodium_hex2bin(ret, SEAL_KEY, text, strlen(text), NULL, &n, &end) == 0 && n == SEAL_KEY &&
        *end == '\0')
        return true;
    home_sayf("%s: 64 hexadecimal digits are wanted", path);
    return false;
}

bool seal_key_read(const char *path, seal_key *ret_key)
{
    upp_check(sodium_init() >= 0);
    char *text = secret_file_read(path, home_say);
    const bool good = text && read_hex(path, text, ret_key->secret) &&
                      crypto_scalarmult_base(ret_key->open, ret_key->secret) == 0;
    secret_file_free(text);
    return good;
}

void seal_key_wipe(seal_key *key)
{
    sodium_memzero(key, sizeof *key);
}

void seal_open_text(const uint8_t open[SEAL_KEY], char ret_text[SEAL_TEXT])
{
    sodium_bin2hex(ret_text, SEAL_TEXT, open, SEAL_KEY);
}

bool seal_open_read(const char *path, uint8_t ret_open[SEAL_KEY])
{
    char text[SEAL_TEXT + 1] = "";
    FILE *file = fopen(path, "re");
    if (!file || !fgets(text, sizeof text, file)) {
        home_sayf("%s: %s", path, file ? "is empty" : strerror(errno));
        if (file)
            fclose(file);
        return false;
    }
    fclose(file);
    text[strcspn(text, "\r\n")] = '\0';
    return read_hex(path, text, ret_open);
}

/* -- descriptors -- */
static bool write_all(int fd, const uint8_t *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        const ssize_t w = write(fd, bytes + done, n - done);
        if (w <= 0)
            return false;
        done += (size_t)w;
    }
    return true;
}

/* As many as there are up to `n`; negative: errno. */
static ssize_t read_all(int fd, uint8_t *bytes, size_t n)
{
    size_t done = 0;
    ssize_t r = 1;
    while (done < n && (r = read(fd, bytes + done, n - done)) > 0)
        done += (size_t)r;
    return r < 0 ? r : (ssize_t)done;
}

/* Every part is full but the last, which may be empty: where it ends is known by reading on. */
static bool seal_parts(int from, int to, const char *name,
                       crypto_secretstream_xchacha20poly1305_state *stream)
{
    uint8_t plain[2][PART], sealed[PART + MORE];
    ssize_t n = read_all(from, plain[0], PART);
    for (size_t i = 0; n >= 0; i++) {
        const ssize_t next = n == PART ? read_all(from, plain[(i + 1) % 2], PART) : 0;
        if (next < 0)
            return false;
        const bool last = next == 0;
        unsigned long long len = 0;
        crypto_secretstream_xchacha20poly1305_push(
            stream, sealed, &len, plain[i % 2], (unsigned long long)n,
            (const uint8_t *)(i == 0 ? name : ""), i == 0 ? strlen(name) : 0,
            last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
        if (!write_all(to, sealed, (size_t)len))
            return false;
        if (last)
            return true;
        n = next;
    }
    return false;
}

bool seal_pour(int from, int to, const char *name, const uint8_t recipient[SEAL_KEY])
{
    uint8_t key[SEAL_KEY], head[MAGIC + BOXED + HEADER];
    crypto_secretstream_xchacha20poly1305_state stream;
    crypto_secretstream_xchacha20poly1305_keygen(key);
    memcpy(head, magic, MAGIC);
    const bool boxed = crypto_box_seal(head + MAGIC, key, sizeof key, recipient) == 0;
    crypto_secretstream_xchacha20poly1305_init_push(&stream, head + MAGIC + BOXED, key);
    errno = boxed ? 0 : EINVAL; /* a public key of no pair */
    const bool good =
        boxed && write_all(to, head, sizeof head) && seal_parts(from, to, name, &stream);
    sodium_memzero(key, sizeof key);
    sodium_memzero(&stream, sizeof stream);
    return good;
}

static const char *open_parts(int from, int to, const char *name,
                              crypto_secretstream_xchacha20poly1305_state *stream)
{
    uint8_t sealed[PART + MORE], plain[PART];
    unsigned char tag = 0;
    for (size_t i = 0; tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL; i++) {
        unsigned long long len = 0;
        const ssize_t n = read_all(from, sealed, sizeof sealed);
        if (n < 0)
            return strerror(errno);
        if (n == 0)
            return "is cut short";
        if (n < MORE || crypto_secretstream_xchacha20poly1305_pull(
                            stream, plain, &len, &tag, sealed, (unsigned long long)n,
                            (const uint8_t *)(i == 0 ? name : ""), i == 0 ? strlen(name) : 0) != 0)
            return "was changed, or is cut short";
        if (!write_all(to, plain, (size_t)len))
            return strerror(errno);
    }
    const ssize_t after = read_all(from, sealed, 1);
    return after == 0 ? NULL : after > 0 ? "is longer than it was" : strerror(errno);
}

const char *seal_open_pour(int from, int to, const char *name, const seal_key *key)
{
    uint8_t head[MAGIC + BOXED + HEADER], own[SEAL_KEY];
    crypto_secretstream_xchacha20poly1305_state stream;
    const ssize_t n = read_all(from, head, sizeof head);
    if (n < 0)
        return strerror(errno);
    if (n != (ssize_t)sizeof head || memcmp(head, magic, MAGIC) != 0)
        return "is no sealed file, or is cut short";
    if (crypto_box_seal_open(own, head + MAGIC, BOXED, key->open, key->secret) != 0)
        return "was sealed to another key, or was changed";
    const char *why = "was changed";
    if (crypto_secretstream_xchacha20poly1305_init_pull(&stream, head + MAGIC + BOXED, own) == 0)
        why = open_parts(from, to, name, &stream);
    sodium_memzero(own, sizeof own);
    sodium_memzero(&stream, sizeof stream);
    return why;
}
