/* port_mask.h - a review of the proposed masks, as its pages and the package share it. Private to
 * port_mask.c and port_request.c. */
#pragma once
#include "request_review.h"
#include "visit.h"

/* What the form says was changed, by the visitor; NULL: nobody has gone through it. The caller
 * frees with visit_review_done(). False: the form is none of ours. */
bool visit_read_review(visit *v, request_review **ret_review);
void visit_review_done(request_review **review);
/* Is what the search finds now what the page has shown? */
bool visit_is_seen(const visit *v, const visit_found *f);
/* The page of all texts. */
void visit_show_masks(visit *v, const visit_found *f, request_review *review);
