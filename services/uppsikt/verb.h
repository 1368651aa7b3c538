/* verb.h - the verbs of the `uppsikt` command: one function each. argv[0] is the verb's own name, as
 * main() finds it after "uppsikt"; options and arguments follow. Gives the process's exit code. */
#pragma once

typedef int uppsikt_verb(int argc, char **argv);

uppsikt_verb verb_clock; /* clock.c: when is this due, and why then */
