/* The header alone, as a program in C sees it: it includes nothing else before, and twice does no harm. Sizes go to a
 * test in C++, which has the same header. */
#include "capi/switchback.h"

#include "capi/header_alone.h"

void capi_sizes_in_c(size_t sizes[CAPI_SIZES]) {
    const size_t all[CAPI_SIZES] = {CAPI_ALL_SIZES};
    for (size_t i = 0; i < CAPI_SIZES; ++i) sizes[i] = all[i];
}

/* The widths that the bytes of objects were published for. */
_Static_assert(sizeof(switchback_patch) == SWITCHBACK_PATCH_BYTES, "no padding");
_Static_assert(sizeof(switchback_device) == SWITCHBACK_DEVICE_BYTES, "no padding");
_Static_assert(sizeof(switchback_session) == SWITCHBACK_SESSION_BYTES, "no padding");
