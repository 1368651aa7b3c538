/* sim_queue.c - a binary heap by (time, order of arrival). */
#include "sim_queue.h"
#include "sim_buf.h"

static bool before(const sim_due *a, const sim_due *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(sim_due *a, sim_due *b)
{
    const sim_due t = *a;
    *a = *b;
    *b = t;
}

void sim_queue_put(sim_queue *q, upp_ms at, sim_call *call, void *ctx, void *what)
{
    SIM_MORE(q->heap, q->n);
    size_t i = q->n++;
    q->heap[i] = (sim_due){ at, q->orders++, call, ctx, what };
    while (i > 0 && before(&q->heap[i], &q->heap[(i - 1) / 2])) {
        swap(&q->heap[i], &q->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

upp_ms sim_queue_next(const sim_queue *q)
{
    return q->n ? q->heap[0].at : INT64_MAX;
}

bool sim_queue_take(sim_queue *q, sim_due *ret_due)
{
    if (q->n == 0)
        return false;
    *ret_due = q->heap[0];
    q->heap[0] = q->heap[--q->n];
    for (size_t i = 0;;) {
        size_t first = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < q->n; child++)
            if (before(&q->heap[child], &q->heap[first]))
                first = child;
        if (first == i)
            return true;
        swap(&q->heap[i], &q->heap[first]);
        i = first;
    }
}

void sim_queue_done(sim_queue *q)
{
    free(q->heap);
    *q = (sim_queue){ 0 };
}
