/* capi: what the test of the header asks of C and of C++ alike. */
#ifndef CAPI_HEADER_ALONE_H
#define CAPI_HEADER_ALONE_H

#include <stddef.h>

#define CAPI_SIZES 14
#define CAPI_ALL_SIZES                                                                                               \
    sizeof(switchback_patch), sizeof(switchback_device), sizeof(switchback_session), sizeof(switchback_patch_info),  \
        sizeof(switchback_patch_setup), sizeof(switchback_flash), sizeof(switchback_region), sizeof(switchback_map), \
        sizeof(switchback_crypto), sizeof(switchback_config), sizeof(switchback_boot_report),                        \
        sizeof(switchback_progress), sizeof(switchback_state), sizeof(switchback_sha256)

#ifdef __cplusplus
extern "C"
#endif
    void
    capi_sizes_in_c(size_t sizes[CAPI_SIZES]);

#endif
