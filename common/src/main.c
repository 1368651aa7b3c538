/* main.c - every service's program. */
#include "upp/bus.h"

extern const upp_service UPP_SERVICE;
#ifdef UPP_PORTS
extern const upp_port *const UPP_PORTS[];
#else
#define UPP_PORTS NULL
#endif

int main(int argc, char **argv)
{
    return upp_main(argc, argv, &UPP_SERVICE, UPP_PORTS);
}
