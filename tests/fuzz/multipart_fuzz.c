/* multipart_fuzz.c - T5: a form with a file of any bytes: whole and in two pieces it is the
 * same. */
#include "form.h"
#include "fuzz.h"
#include "multipart.h"

typedef struct taken {
    buf file;
    multipart form;
    int rc;
} taken;

static void take(taken *t, upp_bytes bytes, size_t cut)
{
    const sink out = buf_sink(&t->file);
    upp_check(multipart_begin(&t->form, "multipart/form-data; boundary=b", &out));
    t->rc = multipart_take(&t->form, bytes.at, cut);
    if (t->rc == 0)
        t->rc = multipart_take(&t->form, bytes.at + cut, bytes.len - cut);
    upp_check(t->rc == 0 || t->rc == UPP_E_INPUT);
    upp_check(t->form.window.len <= bytes.len);
}

static void done(taken *t)
{
    multipart_done(&t->form);
    buf_done(&t->file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    taken whole = { .rc = 0 }, cut = { .rc = 0 };
    form f;
    fuzz_in in = { data, size };
    const uint64_t at = fuzz_take(&in, 2);
    const upp_bytes bytes = { in.at, in.len };
    take(&whole, bytes, 0);
    take(&cut, bytes, bytes.len ? (size_t)at % bytes.len : 0);
    if (whole.rc == 0 && cut.rc == 0) {
        upp_check(multipart_whole(&whole.form) == multipart_whole(&cut.form));
        upp_check(whole.form.fields.len == cut.form.fields.len);
        upp_check(whole.file.len == cut.file.len && whole.file.len <= bytes.len);
        if (form_read(buf_text(&whole.form.fields), whole.form.fields.len, &f))
            form_done(&f);
    }
    done(&whole);
    done(&cut);
    return 0;
}
