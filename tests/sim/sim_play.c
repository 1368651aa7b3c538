/* sim_play.c - the faults of one chosen run, and how few of them it needs to fail. */
#include "sim_play.h"

void sim_play_begin(sim *s, const sim_play *play)
{
    sim_trace(s, play->trace);
    sim_swarm(s);
    for (unsigned f = 0; f < SIM_FAULTS; f++)
        if ((play->skip | play->with) >> f & 1)
            sim_fault(s, (enum sim_fault)f,
                      play->with >> f & 1 ? sim_fault_worst((enum sim_fault)f) : 0);
    if (play->power)
        sim_fault(s, SIM_POWER, 100);
}

static bool still_fails(const sim_play *tried, sim_fails *fails, void *ctx)
{
    sim_play again = *tried;
    again.trace = NULL;
    return fails(ctx, &again);
}

void sim_play_shrink(sim_play *play, sim_fails *fails, void *ctx)
{
    enum { THINGS = 64 };
    for (unsigned f = 0; f < SIM_FAULTS; f++) {
        sim_play less = *play;
        less.skip |= 1u << f;
        less.with &= ~(1u << f);
        if (less.skip != play->skip && still_fails(&less, fails, ctx))
            *play = less;
    }
    for (unsigned step = THINGS / 2; step > 0; step /= 2) {
        sim_play less = *play;
        const unsigned now = play->most ? play->most : THINGS;
        less.most = now > step ? now - step : 1;
        if (less.most < now && still_fails(&less, fails, ctx))
            *play = less;
    }
}

void sim_play_print(const sim_play *play, FILE *out)
{
    fprintf(out, " --seed %llu%s", (unsigned long long)play->seed, play->power ? " --power" : "");
    for (unsigned f = 0; f < SIM_FAULTS; f++)
        if ((play->skip | play->with) >> f & 1)
            fprintf(out, " --%s %s", play->with >> f & 1 ? "with" : "without",
                    sim_fault_name((enum sim_fault)f));
    if (play->most)
        fprintf(out, " --most %u", play->most);
}
