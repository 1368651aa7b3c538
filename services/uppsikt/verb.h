/* verb.h - the verbs of the operators' command, `uppsikt VERB ...`. */
#pragma once

/* Gives back the exit code: 0 done, 1 done with complaints, 2 wrong usage, 78 wrong configuration.
 * argv[0] is the verb. */
typedef int uppsikt_verb(int argc, char **argv);

uppsikt_verb verb_clock;
uppsikt_verb verb_classify;
