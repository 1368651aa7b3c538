/* cmocka_all.h - cmocka with the headers it wants before itself; for tests alone. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
