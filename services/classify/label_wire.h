/* label_wire.h - our labels as the contract names them. */
#pragma once
#include "label.h"
#include "uppsikt/classify.pb-c.h"

/* What the label is called on the bus; `label` is one of the eleven. */
Uppsikt__Label label_on_wire(enum classify_label label);
