/* The smallest program in C for a device: the example of docs/c-api.md, linked against the archive as a maker of
 * firmware would. It is looked at, not run: check_link.py asks whether it holds what it names and nothing else. */
#include "examples/c/ten_lines.h"

void report(const char* what) {
    (void)what;
}

/* Where a link would have put the images; of no meaning here. */
extern const unsigned char old_program[], patch[];
extern unsigned char new_program[];
volatile size_t made;

void entry(void);
void entry(void) {
    made = update(old_program, 1024, patch, 256, new_program, 1024);
}
