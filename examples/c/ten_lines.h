/* examples/c: what the example of docs/c-api.md offers, and what it asks of its program. */
#ifndef EXAMPLES_C_TEN_LINES_H
#define EXAMPLES_C_TEN_LINES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void report(const char* what);
size_t update(const void* old, size_t old_len, const void* patch, size_t patch_len, void* new_buf, size_t new_cap);

#ifdef __cplusplus
}
#endif

#endif
